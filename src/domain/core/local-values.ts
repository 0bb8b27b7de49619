import { parsePhoneNumberFromString } from "libphonenumber-js/min";
import { z } from "zod";
import type { Action } from "./action.ts";
import { type FieldError, validationFailed } from "./errors.ts";
import { kindOf, type LocalKind } from "./local-kinds.ts";
import { type Complete, completeTime, isCompleteTime } from "./local-times.ts";
import { instantIn, ISO_MOMENT } from "./time.ts";
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
  /** Of a value by key: it is a date only if the business has defined this key so. */
  key?: string;
}

const known = new WeakMap<Action, LocalField[]>();

/** The values of an action's data that mean something only in this business: words for a time, national phone numbers. */
export function localValues(action: Action, data: unknown): LocalValue[] {
  const fields = known.get(action) ?? fieldsOf(action.input, []);
  known.set(action, fields);
  return fields.flatMap(({ path, kind }) =>
    valuesAt(data, path, []).flatMap(({ path: at, value }) => {
      if (kind.takes === "values by key") return valuesByKey(value, at);
      return typeof value === "string" && !isComplete(value, kind) ? [{ path: at, text: value, kind }] : [];
    }),
  );
}

const DATE: LocalKind = { takes: "day", past: true };

function valuesByKey(values: unknown, path: Path): LocalValue[] {
  if (typeof values !== "object" || values === null) return [];
  return Object.entries(values).flatMap(([key, text]) =>
    typeof text === "string" && !isComplete(text, DATE)
      ? [{ path: [...path, key], text, kind: DATE, key }]
      : [],
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
  const ends: End[] = [];
  const store = (path: Path, { value, words }: Complete) => {
    set(completed, path, value);
    if (words !== undefined) understood[path.join(".")] = `${words} (${reference.zone})`;
  };
  for (const each of values) {
    const read =
      each.kind.takes === "phone"
        ? withCountry(each, reference)
        : completeTime(each, reference, siblingOf(completed, each));
    if (!read.ok) {
      faults.push({ path: `data.${each.path.join(".")}`, message: faultText(read.fault) });
      continue;
    }
    store(each.path, read.value);
    if (read.value.end && each.kind.end !== undefined)
      ends.push({ path: each.path, name: each.kind.end, end: read.value.end });
  }
  for (const each of ends) {
    const given = textBeside(completed, each.path, each.name);
    if (given === undefined) store([...each.path.slice(0, -1), each.name], each.end);
    else if (isOther(given, each.end.value, reference)) faults.push(twoEnds(each));
  }
  if (faults.length === 0) return { data: completed, understood };
  throw validationFailed(
    faults,
    "Give a date such as 2026-01-16, or a date and time such as 2026-01-16T14:00.",
  );
}

/** The end that a start has named: `tomorrow 9-11am`. */
interface End {
  path: Path;
  /** Name of the field that holds the end. */
  name: string;
  end: Complete;
}

/** What cannot be read has a fault of its own. */
const isOther = (given: string, end: string, { zone }: Reference): boolean =>
  ISO_MOMENT.test(given) && instantIn(zone, given).getTime() !== instantIn(zone, end).getTime();

const twoEnds = ({ path, name, end }: End): FieldError => ({
  path: `data.${path.join(".")}`,
  message: `names an end (${end.words ?? end.value}), and ${name} another; leave out ${name}, or name only the start`,
});

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

/** The time of day beside a wish, or the start beside an end. */
function siblingOf(data: unknown, { path, kind: { time, start } }: LocalValue): string | undefined {
  const name = time ?? start;
  return name === undefined ? undefined : textBeside(data, path, name);
}

function textBeside(data: unknown, path: Path, name: string): string | undefined {
  const [found] = valuesAt(data, [...path.slice(0, -1).map(String), name], []);
  return typeof found?.value === "string" ? found.value : undefined;
}

function set(data: unknown, path: Path, value: string): void {
  const holder = path.slice(0, -1).reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], data);
  (holder as Record<string, unknown>)[path.at(-1) ?? ""] = value;
}
