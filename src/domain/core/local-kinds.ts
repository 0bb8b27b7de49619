import { z } from "zod";

/**
 * What a field takes whose values mean something only in one business: a date, a date and time or either, in its zone, a
 * time of day or a day with one (wish.ts), or a phone number, in its country. Of values by key, those are dates whose key
 * the business has defined as a date (`LocalValue.key`).
 */
export interface LocalKind {
  takes: "day" | "moment" | "day or moment" | "time" | "wish" | "phone" | "values by key";
  /** Also days that are over. */
  past?: boolean;
  /** With `past`: a date without a year is the next such day. Otherwise the nearest, before or after today. */
  ahead?: boolean;
  /** For a moment: the name of the field with its end. `tomorrow 9-11am` sets that one, too. */
  end?: string;
  /** For a moment: the name of the field with its start. `3pm` is on the day of that one. */
  start?: string;
  /** For a wish: the name of the field that may hold its time of day. `Friday` means today only before that time. */
  time?: string;
}

const kinds = z.registry<LocalKind>();

/**
 * Marks a schema of complete values, such as `2026-01-16` or `+16085550123`, whose callers may write `tomorrow` or
 * `(608) 555-0123`. In an action's input these are completed before it is validated (`complete`). Schemas made from it
 * (`describe`, `optional`) are marked too.
 */
export function local<Schema extends z.ZodType>(schema: Schema, kind: LocalKind): Schema {
  kinds.add(schema, kind);
  return schema;
}

/** What the schema of a field takes; undefined where its values mean the same everywhere. */
export const kindOf = (schema: z.core.$ZodType): LocalKind | undefined => kinds.get(schema as z.ZodType);
