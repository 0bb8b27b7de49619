import { z } from "zod";
import type { Action } from "../../../domain/core/action.ts";
import { type FieldError, validationFailed } from "../../../domain/core/errors.ts";
import { prefixOf } from "../../../domain/core/ids.ts";
import type { Setting } from "../ui/time.tsx";
import { amountText, centsOf, type DecisionFields } from "./form.ts";

type Data = Record<string, unknown>;

/**
 * - `money`: minor units, shown as an amount
 * - `records`: a box for each record of the request, which can be left out
 * - `lines`: a list of texts, one in each line
 * - `json`: an object, or a value that no simpler field can show
 */
type Kind = "text" | "number" | "money" | "choice" | "flag" | "records" | "lines" | "json";

/** One field of the form that changes a request. */
export interface EditField {
  name: string;
  kind: Kind;
  /** What the field shows; empty: left out of the request. Of `records`: the chosen ids, one in each line. */
  value: string;
  /** Of `records`: the ids of the request. */
  options: string[];
  required: boolean;
}

/** What JSON Schema says of one property. */
interface Property {
  type?: string;
  enum?: string[];
  items?: Property;
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
  { setting, filled }: { setting: Setting; filled?: DecisionFields | undefined },
): EditField[] {
  // Every action's input is an object; its root is neither a union nor a list.
  const schema = z.toJSONSchema(action.input, { io: "input" }) as {
    properties?: Record<string, Property>;
    required?: string[];
  };
  const fields = Object.entries(schema.properties ?? {}).map(([name, property]): EditField => {
    const value = data[name];
    const kind = kindOf(name, property, value);
    const field = { name, kind, options: optionsOf(kind, property, value) };
    return {
      ...field,
      value: (filled && textIn(filled, field)) ?? textOf(kind, value, setting),
      required: schema.required?.includes(name) ?? false,
    };
  });
  return [...fields.filter(({ name }) => name in data), ...fields.filter(({ name }) => !(name in data))];
}

/** The property without `null`, which most optional ones also take. */
const valueOf = (property: Property): Property =>
  property.anyOf?.find(({ type }) => type !== "null") ?? property;

const isListOf = (value: unknown, fits: (text: string) => boolean): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === "string" && fits(each));

const isId = (text: string): boolean => prefixOf(text) !== null;
const isLine = (text: string): boolean => text.trim() === text && text !== "" && !text.includes("\n");

function optionsOf(kind: Kind, property: Property, value: unknown): string[] {
  if (kind === "flag") return ["true", "false"];
  return kind === "records" ? (value as string[]) : (valueOf(property).enum ?? []); // kindOf() has seen the ids.
}

/** The name of the box for one of the records. */
export const recordField = (name: string, id: string): string => `${PREFIX}${name}.${id}`;

/** What a submitted form has in this field; undefined if it has none. */
function textIn(body: DecisionFields, { name, kind, options }: Omit<EditField, "value" | "required">) {
  if (kind === "records") return options.filter((id) => recordField(name, id) in body).join("\n");
  return body[PREFIX + name]?.replaceAll("\r\n", "\n");
}

function kindOf(name: string, property: Property, value: unknown): Kind {
  const { type, enum: options, items } = valueOf(property);
  if (type === "array" && items?.type === "string") {
    if (isListOf(value, isId)) return "records";
    return value === undefined || isListOf(value, isLine) ? "lines" : "json";
  }
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
  if (kind === "records" || kind === "lines") return (value as string[]).join("\n"); // kindOf() has seen them.
  if (kind === "json") return JSON.stringify(value, null, 2);
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The data that the form stands for; throws validation_failed that names each unreadable field. */
export function readEdit(fields: readonly EditField[], body: DecisionFields, setting: Setting): Data {
  const faults: FieldError[] = [];
  const data: Data = {};
  for (const field of fields) {
    const { name, kind } = field;
    const text = textIn(body, field) ?? "";
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
  records: lines,
  lines,
  json: parsed,
};

function lines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

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
  records: "must be records of the request",
  lines: "must be texts, one in each line",
  json: 'must be JSON: lists in [ ], texts in " "',
};
