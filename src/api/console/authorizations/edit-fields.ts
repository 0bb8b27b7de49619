import { z } from "zod";
import type { Action } from "../../../domain/core/action.ts";
import { type FieldError, validationFailed } from "../../../domain/core/errors.ts";
import type { Setting } from "../ui/time.tsx";
import { amountText, centsOf, type DecisionFields } from "./form.ts";

type Data = Record<string, unknown>;

/** `money`: minor units, shown as an amount. `json`: a list, an object, or a value that no simpler field can show. */
type Kind = "text" | "number" | "money" | "choice" | "flag" | "json";

/** One field of the form that changes a request. */
export interface EditField {
  name: string;
  kind: Kind;
  /** What the field shows; empty: left out of the request. */
  value: string;
  options: string[];
  required: boolean;
}

/** What JSON Schema says of one property. */
interface Property {
  type?: string;
  enum?: string[];
  anyOf?: Property[];
}

/** Field names begin with this, so that none is taken for one of the form's own. */
export const PREFIX = "data.";

/** Whether the refused form was this one, not a decision. */
export const isEdit = (filled: DecisionFields): boolean => !("decision" in filled);

/** The fields of an action's data, those of the request first. `filled`: the refused input, to show again. */
export function editFields(
  action: Action,
  data: Data,
  { setting, filled = {} }: { setting: Setting; filled?: DecisionFields | undefined },
): EditField[] {
  // Every action's input is an object; its root is neither a union nor a list.
  const schema = z.toJSONSchema(action.input, { io: "input" }) as {
    properties?: Record<string, Property>;
    required?: string[];
  };
  const fields = Object.entries(schema.properties ?? {}).map(([name, property]): EditField => {
    const kind = kindOf(name, property, data[name]);
    return {
      name,
      kind,
      value: filled[PREFIX + name] ?? textOf(kind, data[name], setting),
      options: kind === "flag" ? ["true", "false"] : (valueOf(property).enum ?? []),
      required: schema.required?.includes(name) ?? false,
    };
  });
  return [...fields.filter(({ name }) => name in data), ...fields.filter(({ name }) => !(name in data))];
}

/** The property without `null`, which most optional ones also take. */
const valueOf = (property: Property): Property =>
  property.anyOf?.find(({ type }) => type !== "null") ?? property;

function kindOf(name: string, property: Property, value: unknown): Kind {
  const { type, enum: options } = valueOf(property);
  if (value === null) return "json"; // An empty field leaves a value out; null empties it.
  if (options) return "choice";
  if (type === "string") return "text";
  if (type === "boolean") return "flag";
  if (type === "integer" && name.endsWith("_cents")) return "money";
  return type === "integer" || type === "number" ? "number" : "json";
}

function textOf(kind: Kind, value: unknown, setting: Setting): string {
  if (value === undefined) return "";
  if (kind === "money" && typeof value === "number") return amountText(value, setting);
  if (kind === "json") return JSON.stringify(value, null, 2);
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The data that the form stands for; throws validation_failed that names each unreadable field. */
export function readEdit(fields: readonly EditField[], body: DecisionFields, setting: Setting): Data {
  const faults: FieldError[] = [];
  const data: Data = {};
  for (const { name, kind } of fields) {
    const text = body[PREFIX + name]?.replaceAll("\r\n", "\n") ?? "";
    if (text.trim() === "") continue;
    const read = READ[kind](text, setting);
    if (read === undefined) faults.push({ path: PREFIX + name, message: WANTED[kind] });
    else data[name] = read;
  }
  if (faults.length > 0)
    throw validationFailed(faults, "Nothing was changed. Correct it below and send it again.");
  return data;
}

const READ: Record<Kind, (text: string, setting: Setting) => unknown> = {
  text: (text) => text,
  choice: (text) => text,
  flag: (text) => text === "true",
  number: (text) => (/^\s*-?\d+(\.\d+)?\s*$/.test(text) ? Number(text) : undefined),
  money: (text, setting) =>
    /^\s*0+(\.0+)?\s*$/.test(text) ? 0 : (centsOf(text.trim(), setting) ?? undefined),
  json: parsed,
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const WANTED: Record<Kind, string> = {
  text: "must be a text",
  choice: "must be one of the choices",
  flag: "must be yes or no",
  number: "must be a number such as 90",
  money: "must be an amount such as 4500 or 450.50",
  json: 'must be JSON: lists in [ ], texts in " "',
};
