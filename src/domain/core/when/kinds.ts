import { z } from "zod";

/** What a field takes: a date, a date and time, or either. `past`: also days that are over. */
export interface WhenKind {
  takes: "day" | "moment" | "day or moment";
  past?: boolean;
}

const kinds = z.registry<WhenKind>();

/**
 * Marks a schema of ISO values whose callers may use words. In an action's input the words are replaced by ISO values
 * before it is validated (`understand`). Schemas made from it (`describe`, `optional`) are marked too.
 */
export function saidInWords<Schema extends z.ZodType>(schema: Schema, kind: WhenKind): Schema {
  kinds.add(schema, kind);
  return schema;
}

/** What the schema of a field takes; undefined where it is no date or time. */
export const kindOf = (schema: z.core.$ZodType): WhenKind | undefined => kinds.get(schema as z.ZodType);
