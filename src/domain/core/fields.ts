import { z } from "zod";

/** More records in one request would make a preview that nobody can review. */
const MOST = 100;

/** Ids of a bulk action, deduplicated and sorted, so that two concurrent runs lock in the same order. */
export const manyIds = (id: z.ZodString) =>
  z
    .array(id)
    .min(1)
    .max(MOST)
    .transform((ids) => [...new Set(ids)].sort())
    .describe(`1 to ${MOST} ids; more than 5 need a person`);
/** Trimmed text of 1 to `max` characters. */
export const text = (max: number) => z.string().trim().min(1, "must not be empty").max(max);

/** The reasoning of a request. Limited, because the person who decides must read all of it. */
export const reasoningText = z.string().max(10_000);

/** The version for optimistic locking that every update takes. */
export const versionInput = z
  .int()
  .min(1)
  .max(2_147_483_647)
  .optional()
  .describe("The version you read; refused if the record has changed since");
/** Arguments of `refine`: refuses an update without any of its fields. */
export const changesSome = (fields: object) =>
  [
    (input: object) => Object.keys(input).some((key) => key in fields),
    "changes nothing; give at least one field besides the id",
  ] as const;
/** Input of an update: the record's `id`, the `version` that the caller read, and at least one of the fields. */
export const updateInput = <Fields extends z.core.$ZodShape, Id extends z.ZodType>(id: Id, fields: Fields) =>
  z
    .strictObject(fields)
    .partial()
    .extend({ id, version: versionInput })
    .refine(...changesSome(fields));
