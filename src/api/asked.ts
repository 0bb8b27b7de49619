import type { Request } from "express";
import { z } from "zod";
import { notFound } from "../domain/core/errors.ts";
import { type IdPrefix, idOf } from "../domain/core/ids.ts";
import { parse } from "../domain/core/input.ts";

/** Longest wait of one request, in seconds; under what proxies give an idle request. */
const LONGEST_WAIT = 25;

/** A whole number out of the URL; anything else stays as it is and meets the schema's words. */
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

/** The query string, every parameter known and given once. */
export const queryOf = <Schema extends z.ZodType>(request: Request, schema: Schema): z.output<Schema> =>
  parse(schema, { ...request.query });

/** The path's id; what cannot be an id of this kind is as unknown as one that never was. */
export function idIn(request: Request, prefix: IdPrefix, what: string): string {
  const { id } = request.params;
  const known = idOf(prefix).safeParse(id);
  if (!known.success) throw notFound(what, printable(String(id)));
  return known.data;
}

const printable = (text: string) => text.replace(/[^\x21-\x7e]/g, "?").slice(0, 60);
