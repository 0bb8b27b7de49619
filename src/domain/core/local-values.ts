import { Temporal } from "temporal-polyfill";
import { parsePhoneNumberFromString } from "libphonenumber-js/min";
import { z } from "zod";
import type { Action } from "./action.ts";
import { type FieldError, validationFailed } from "./errors.ts";
import { kindOf, type LocalKind } from "./local-kinds.ts";
import { inWords, MINUTE } from "./time.ts";
import { faultText, instantOf, type Read, readDay, readMoment, type Reference } from "./when/index.ts";

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

const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/;

const isComplete = (text: string, { takes }: LocalKind): boolean =>
  takes === "phone" ? /^\s*\+/.test(text) : ISO.test(text);

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
    const read = each.kind.takes === "phone" ? withCountry(each, reference) : isoOf(each, reference);
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

interface Complete {
  value: string;
  /** What was understood, where it should be told. */
  words?: string;
}

/** `030 123456` in Germany is `+4930123456`. */
function withCountry({ text }: LocalValue, { country }: Reference): Read<Complete> {
  // The type lists the countries that the library knows; the others have no national numbers for it.
  const phone = parsePhoneNumberFromString(text, country as "US");
  return { ok: true, value: { value: phone?.isPossible() && !phone.ext ? phone.number : text } };
}

function isoOf({ kind, text }: LocalValue, reference: Reference): Read<Complete> {
  const { takes, past = false } = kind;
  const moment = takes === "day" ? undefined : momentOf(text, reference, past);
  if (moment && (moment.ok || takes === "moment")) return moment;
  const day = readDay(text, reference, { past });
  if (!day.ok) return moment ?? day;
  return { ok: true, value: { value: day.value.toString(), words: dayWords(day.value) } };
}

/** A part of the day means its beginning. A day alone is no moment. */
function momentOf(text: string, reference: Reference, past: boolean): Read<Complete> {
  const read = readMoment(text, reference, { past });
  if (!read.ok) return read;
  const { date, time } = read.value;
  const start = time?.kind === "exact" ? time.at : time?.kind === "range" ? time.from : null;
  if (start === null) {
    const readings = [`${date.toString()}T09:00`, `${date.toString()}T14:00`];
    return { ok: false, fault: { message: `understood ${dayWords(date)}, but no time of day`, readings } };
  }
  const at = read.value.instant ?? instantOf(date, start, reference.zone);
  // What is not past has begun at most: "now", or "this evening" in the evening.
  return {
    ok: true,
    value: exactly(past || at > reference.now ? at : nextMinute(reference.now), reference.zone),
  };
}

const nextMinute = (now: Date): Date => new Date((Math.floor(now.getTime() / MINUTE) + 1) * MINUTE);

const exactly = (at: Date, zone: string): Complete => ({
  value: Temporal.Instant.fromEpochMilliseconds(at.getTime()).toString({
    timeZone: zone,
    smallestUnit: "second",
  }),
  words: inWords(at, zone),
});

const dayWords = (day: Temporal.PlainDate): string =>
  day.toLocaleString("en-US", { weekday: "long", year: "numeric", month: "long", day: "numeric" });

function set(data: unknown, path: Path, value: string): void {
  const holder = path.slice(0, -1).reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], data);
  (holder as Record<string, unknown>)[path.at(-1) ?? ""] = value;
}
