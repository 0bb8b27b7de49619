import { z } from "zod";

/**
 * What a field takes whose values mean something only in one business: a date, a date and time or either, in its zone, a
 * time of day or a day with one (wish.ts), or a phone number, in its country.
 */
export interface LocalKind {
  takes: "day" | "moment" | "day or moment" | "time" | "wish" | "phone";
  /** Also days that are over. */
  past?: boolean;
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
