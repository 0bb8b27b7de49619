import { z } from "zod";

/** What every update takes beside its fields. */
export const versionInput = z
  .int()
  .min(1)
  .max(2_147_483_647)
  .optional()
  .describe("The version you read; refused if it has moved on");

/** For `refine`: an update that names none of its fields is a mistake. */
export const changesSome = (fields: object) =>
  [
    (input: object) => Object.keys(input).some((key) => key in fields),
    "names nothing to change; give at least one field beside the id",
  ] as const;

/** Any of the fields, at least one; `id` says of which record, `version` which one the caller saw. */
export const updateInput = <Fields extends z.core.$ZodShape, Id extends z.ZodType>(id: Id, fields: Fields) =>
  z
    .strictObject(fields)
    .partial()
    .extend({ id, version: versionInput })
    .refine(...changesSome(fields));
