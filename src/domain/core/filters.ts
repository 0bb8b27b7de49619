import { z } from "zod";
import { dateOf, dayBounds, dayInput } from "./calendar.ts";
import { type IdPrefix, idOf } from "./ids.ts";
import { defineFilter, type Filter, type Moment } from "./record-type.ts";
import { instantIn, momentInput } from "./time.ts";

const NEAR = "YYYY-MM-DD, yesterday, today or tomorrow";

const bound = z.union([momentInput, dayInput], {
  error: "must be YYYY-MM-DD, today, tomorrow, or a date and time such as 2026-11-23T15:30",
});

/** A day stands for its first instant, or where it is the end for its last; a date and time for itself. */
const instantOf = (value: string, edge: "from" | "to", moment: Moment): Date =>
  value.includes("T") ? instantIn(moment.zone, value) : dayBounds(value, moment)[edge];

/** `scheduled,completed`: a list as a URL says it. */
const commaSeparated = z
  .string()
  .regex(/,/)
  .transform((list) => list.split(",").map((name) => name.trim()));

/** One of the names, or a list of them. */
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

/** The record that a column refers to. */
export const reference = (column: string, prefix: IdPrefix, description: string): Filter =>
  defineFilter({
    description,
    schema: idOf(prefix),
    where: (id, bind) => `${column} = ${bind(id)}`,
  });

/** The customer that `r.customer_id` refers to; the id of a merged duplicate stands for who was kept. */
export const customer = (description: string): Filter =>
  defineFilter({
    description,
    schema: idOf("contact"),
    where(id, bind) {
      const asked = bind(id);
      return `r.customer_id = COALESCE((SELECT c.merged_into_id FROM contact c WHERE c.id = ${asked}), ${asked})`;
    },
  });

/** Exactly this text, in upper or lower case. */
export const exactly = (column: string, description: string): Filter =>
  defineFilter({
    description,
    schema: z.string().min(1).max(200),
    where: (text, bind) => `lower(${column}) = lower(${bind(text)})`,
  });

/** An array of texts holds this one, in upper or lower case. */
export const holding = (column: string, description: string): Filter =>
  defineFilter({
    description,
    schema: z.string().min(1).max(100),
    where: (text, bind) =>
      `EXISTS (SELECT FROM unnest(${column}) held WHERE lower(held) = lower(${bind(text)}))`,
  });

/** By URL every value is text. */
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

/** An instant lies on a day of the business. */
export const onDay = (column: string, description: string): Filter =>
  defineFilter({
    description: `${description}: ${NEAR}`,
    schema: dayInput,
    where(value, bind, moment) {
      const { from, to } = dayBounds(value, moment);
      return `${column} >= ${bind(from)} AND ${column} < ${bind(to)}`;
    },
  });

export const fromInstant = (column: string, description: string): Filter =>
  defineFilter({
    description,
    schema: bound,
    where: (value, bind, moment) => `${column} >= ${bind(instantOf(value, "from", moment))}`,
  });

export const toInstant = (column: string, description: string): Filter =>
  defineFilter({
    description,
    schema: bound,
    where: (value, bind, moment) => `${column} < ${bind(instantOf(value, "to", moment))}`,
  });

export const fromDate = (column: string, description: string): Filter =>
  defineFilter({
    description: `${description}: ${NEAR}`,
    schema: dayInput,
    where: (value, bind, moment) => `${column} >= ${bind(dateOf(value, moment).toString())}::date`,
  });

export const toDate = (column: string, description: string): Filter =>
  defineFilter({
    description: `${description}: ${NEAR}`,
    schema: dayInput,
    where: (value, bind, moment) => `${column} <= ${bind(dateOf(value, moment).toString())}::date`,
  });

/** For records with `archived_at`. */
export const archived: Filter = defineFilter({
  description: "no (unless said otherwise), yes, or any",
  schema: z.enum(["no", "yes", "any"]),
  default: "no",
  where: (value) => ({ no: "r.archived_at IS NULL", yes: "r.archived_at IS NOT NULL", any: "true" })[value],
});
