import { z } from "zod";

const MOST = 500;

/** Ids of a bulk action, each once, in one order for everybody, so that two at the same time cannot deadlock. */
export const manyIds = (id: z.ZodString) =>
  z
    .array(id)
    .min(1)
    .max(MOST)
    .transform((ids) => [...new Set(ids)].sort())
    .describe(`1 to ${MOST} ids; more than 5 need a person`);
