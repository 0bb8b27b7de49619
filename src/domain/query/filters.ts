import { z } from "zod";
import { boundsOf } from "../core/calendar.ts";
import { type IdPrefix, idOf } from "../core/ids.ts";
import { defineFilter, type Filter } from "../core/record-type.ts";
import { daysOf, limitOf, whenWords } from "./when.ts";

const DAYS = "a day such as 2026-11-23, today, next Friday";

/** `scheduled,completed`: a list in a URL. */
const commaSeparated = z
  .string()
  .regex(/,/)
  .transform((list) => list.split(",").map((name) => name.trim()));

/** Column is one of the names given. */
export function oneOf(column: string, names: readonly [string, ...string[]], description: string): Filter {
  const name = z.enum(names);
  const some = z.array(name).min(1).max(names.length);
  return defineFilter({
    description: `${description}: ${names.join(", ")}`,
    schema: z.union([name, some, commaSeparated.pipe(some)], {
      error: `must be one of ${names.join(", ")}, or a list of them`,
    }),
    where: (value, bind) => `${column} = ANY(${bind([value].flat())}::text[])`,
  });
}

/** Column refers to this record. */
export const reference = (column: string, prefix: IdPrefix, description: string): Filter =>
  defineFilter({
    description,
    schema: idOf(prefix),
    where: (id, bind) => `${column} = ${bind(id)}`,
  });

/** Column equals this text, ignoring case. */
export const exactly = (column: string, description: string): Filter =>
  defineFilter({
    description,
    schema: z.string().min(1).max(200),
    where: (text, bind) => `lower(${column}) = lower(${bind(text)})`,
  });

/** Array column contains this text, ignoring case. */
export const containing = (column: string, description: string): Filter =>
  defineFilter({
    description,
    schema: z.string().min(1).max(100),
    where: (text, bind) =>
      `EXISTS (SELECT FROM unnest(${column}) held WHERE lower(held) = lower(${bind(text)}))`,
  });

/** In a URL every value is text. */
export const flagInput = z.union([z.boolean(), z.enum(["true", "false"])], {
  error: "must be true or false",
});

/** True or false. */
export const flag = (column: string, description: string): Filter =>
  defineFilter({
    description: `${description}: true or false`,
    schema: flagInput,
    where: (value, bind) => `${column} = ${bind(String(value))}::boolean`,
  });

const WHOLE = "must be a whole number, 0 or more";
const whole = z
  .union([z.int().min(0, WHOLE).max(1e12), z.string().regex(/^\d{1,12}$/, WHOLE)], WHOLE)
  .transform(Number);

export const fromNumber = (column: string, description: string): Filter =>
  defineFilter({
    description,
    schema: whole,
    where: (value, bind) => `${column} >= ${bind(value)}`,
  });

export const toNumber = (column: string, description: string): Filter =>
  defineFilter({
    description,
    schema: whole,
    where: (value, bind) => `${column} <= ${bind(value)}`,
  });

/** Instant column is on this day of the business. */
export const onDay = (column: string, description: string): Filter =>
  defineFilter({
    description: `${description}: ${DAYS}`,
    schema: whenWords,
    where(value, bind, asked) {
      const { from, to } = boundsOf(daysOf(value, asked), asked.zone);
      return `${column} >= ${bind(from)} AND ${column} < ${bind(to)}`;
    },
  });

export const fromInstant = (column: string, description: string): Filter =>
  defineFilter({
    description,
    schema: whenWords,
    where: (value, bind, asked) => `${column} >= ${bind(limitOf(value, "from", asked))}`,
  });

export const toInstant = (column: string, description: string): Filter =>
  defineFilter({
    description,
    schema: whenWords,
    where: (value, bind, asked) => `${column} < ${bind(limitOf(value, "to", asked))}`,
  });

export const fromDate = (column: string, description: string): Filter =>
  defineFilter({
    description: `${description}: ${DAYS}`,
    schema: whenWords,
    where: (value, bind, asked) => `${column} >= ${bind(daysOf(value, asked).from.toString())}::date`,
  });

export const toDate = (column: string, description: string): Filter =>
  defineFilter({
    description: `${description}: ${DAYS}`,
    schema: whenWords,
    where: (value, bind, asked) => `${column} <= ${bind(daysOf(value, asked).to.toString())}::date`,
  });

/** For tables with `archived_at`. */
export const archived: Filter = defineFilter({
  description: "no (default), yes, or any",
  schema: z.enum(["no", "yes", "any"]),
  default: "no",
  where: (value) => ({ no: "r.archived_at IS NULL", yes: "r.archived_at IS NOT NULL", any: "true" })[value],
});
