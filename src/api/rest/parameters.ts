import { z } from "zod";
import { notFound } from "../../domain/core/errors.ts";
import { type IdPrefix, idOf } from "../../domain/core/ids.ts";
import type { Parameter } from "../route.ts";

/** Longest wait of one request, in seconds; shorter than the idle timeouts of proxies. */
const LONGEST_WAIT = 25;

/** Reads a whole number from the URL; the schema rejects any other text. */
const number = (value: unknown) =>
  typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value;

export const waitParameter = z.preprocess(
  number,
  z.int(`must be whole seconds from 0 to ${LONGEST_WAIT}`).min(0).max(LONGEST_WAIT).default(0),
);

export const pageParameters = {
  limit: z.preprocess(number, z.int().min(1).max(100).optional()),
  cursor: z.string().max(4_000).optional(),
};

/** A record's id in the path; a malformed id is not_found, like an unknown one. */
export const idParameter = (prefix: IdPrefix, what: string): Parameter => ({
  schema: idOf(prefix),
  read(text) {
    const known = idOf(prefix).safeParse(text);
    if (!known.success) throw notFound(what, printable(text));
    return known.data;
  },
});

/** Any text; the handler looks it up. */
export const textParameter: Parameter = { schema: z.string(), read: (text) => text };

const printable = (text: string) => text.replace(/[^\x21-\x7e]/g, "?").slice(0, 60);
