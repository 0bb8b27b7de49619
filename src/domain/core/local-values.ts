import { parsePhoneNumberFromString } from "libphonenumber-js/min";
import { z } from "zod";
import type { Action } from "./action.ts";
import { type FieldError, validationFailed } from "./errors.ts";
import { kindOf, type LocalKind } from "./local-kinds.ts";
import { type Complete, completeTime, isCompleteTime } from "./local-times.ts";
import { faultText, type Read, type Reference } from "./when/index.ts";

type Path = readonly (string | number)[];

interface LocalField {
  /** `*` stands for each entry of a list. */
  path: readonly string[];
  kind: LocalKind;
}

/** A value in a request that is not complete. */
export interface LocalValue {
  path: Path;
  text: string;
  kind: LocalKind;
}

const known = new WeakMap<Action, LocalField[]>();

/** The values of an action's data that mean something only in this business: words for a time, national phone numbers. */
export function localValues(action: Action, data: unknown): LocalValue[] {
  const fields = known.get(action) ?? fieldsOf(action.input, []);
  known.set(action, fields);
  return fields.flatMap(({ path, kind }) =>
    valuesAt(data, path, []).flatMap(({ path: at, value }) =>
      typeof value === "string" && !isComplete(value, kind) ? [{ path: at, text: value, kind }] : [],
    ),
  );
}

const isComplete = (text: string, { takes }: LocalKind): boolean =>
  takes === "phone" ? /^\s*\+/.test(text) : isCompleteTime(text, takes);

function fieldsOf(schema: z.core.$ZodType, path: readonly string[]): LocalField[] {
  const kind = kindOf(schema);
  if (kind) return [{ path, kind }];
  if (schema instanceof z.ZodObject)
    return Object.entries(schema.shape).flatMap(([name, inner]) =>
      fieldsOf(inner as z.ZodType, [...path, name]),
    );
  if (schema instanceof z.ZodArray) return fieldsOf(schema.element, [...path, "*"]);
  if (schema instanceof z.ZodPipe) return fieldsOf(schema.in, path);
  const wraps =
    schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault;
  return wraps ? fieldsOf(schema.unwrap(), path) : [];
}

function valuesAt(
  value: unknown,
  [name, ...rest]: readonly string[],
  at: Path,
): { path: Path; value: unknown }[] {
  if (name === undefined) return [{ path: at, value }];
  if (name === "*")
    return Array.isArray(value) ? value.flatMap((each, nth) => valuesAt(each, rest, [...at, nth])) : [];
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return [];
  return valuesAt((value as Record<string, unknown>)[name], rest, [...at, name]);
}

/** Values in one request. Reading a phrase takes up to some milliseconds, and nothing else runs meanwhile. */
const MOST = { words: 10, phones: 100 };

export interface Completed {
  /** The data with complete values. */
  data: unknown;
  /** What words for times meant, by the field's name: `Friday, January 16, 2026 at 2:00 PM (America/Chicago)`. */
  understood: Record<string, string>;
}

/**
 * Completes values by what they mean in this business now. Throws `validation_failed` that names each phrase it cannot
 * read. A phone number that is none is left to its schema.
 */
export function complete(data: unknown, values: readonly LocalValue[], reference: Reference): Completed {
  checkNumber(values);
  const faults: FieldError[] = [];
  const understood: Record<string, string> = {};
  const completed: unknown = structuredClone(data);
  for (const each of values) {
    const path = each.path.join(".");
    const read =
      each.kind.takes === "phone"
        ? withCountry(each, reference)
        : completeTime(each, reference, siblingOf(data, each));
    if (!read.ok) {
      faults.push({ path: `data.${path}`, message: faultText(read.fault) });
      continue;
    }
    set(completed, each.path, read.value.value);
    if (read.value.words !== undefined) understood[path] = `${read.value.words} (${reference.zone})`;
  }
  if (faults.length === 0) return { data: completed, understood };
  throw validationFailed(
    faults,
    "Give a date such as 2026-01-16, or a date and time such as 2026-01-16T14:00.",
  );
}

function checkNumber(values: readonly LocalValue[]): void {
  const phones = values.filter(({ kind }) => kind.takes === "phone").length;
  const words = values.length - phones;
  if (words <= MOST.words && phones <= MOST.phones) return;
  const message = `has ${words} dates in words and ${phones} phone numbers without a country code; at most ${MOST.words} and ${MOST.phones} fit`;
  throw validationFailed(
    [{ path: "data", message }],
    "Write dates as 2026-01-16 and phone numbers with their country code, such as +16085550123.",
  );
}

/** `030 123456` in Germany is `+4930123456`. */
function withCountry({ text }: LocalValue, { country }: Reference): Read<Complete> {
  // The type lists the countries that the library knows; the others have no national numbers for it.
  const phone = parsePhoneNumberFromString(text, country as "US");
  return { ok: true, value: { value: phone?.isPossible() && !phone.ext ? phone.number : text } };
}

/** The time of day beside a wish. */
function siblingOf(data: unknown, { path, kind }: LocalValue): string | undefined {
  if (kind.time === undefined) return undefined;
  const [found] = valuesAt(data, [...path.slice(0, -1).map(String), kind.time], []);
  return typeof found?.value === "string" ? found.value : undefined;
}

function set(data: unknown, path: Path, value: string): void {
  const holder = path.slice(0, -1).reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], data);
  (holder as Record<string, unknown>)[path.at(-1) ?? ""] = value;
}
