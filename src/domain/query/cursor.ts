import { createHash } from "node:crypto";
import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { type CrmError, validationFailed } from "../core/errors.ts";
import { parse } from "../core/input.ts";
import type { Sort } from "../core/record-type.ts";

/** The last row of a page: its sort value as exact text, null if it has none, and its id. */
export interface Position {
  value: string | null;
  id: string;
}

const content = z.strictObject({
  value: z.string().max(2_000).nullable(),
  id: z.string().max(80),
  /** Checksum of the query that it belongs to. */
  of: z.string(),
});

const checksum = (identity: unknown): string =>
  createHash("sha256").update(JSON.stringify(identity)).digest("base64url").slice(0, 16);

/** Opaque: base64url. `identity` is everything that decides rows and order. */
export function encodeCursor({ value, id }: Position, identity: unknown): string {
  return Buffer.from(JSON.stringify({ value, id, of: checksum(identity) })).toString("base64url");
}

/** Throws validation_failed for an invalid cursor and for the cursor of another query. */
export function decodeCursor(cursor: string, identity: unknown, { as, nullable }: Sort): Position {
  const position = read(cursor);
  if (!position || !(position.value === null ? nullable : fits[as](position.value)))
    throw refused("is not a valid cursor");
  if (position.of !== checksum(identity)) throw refused("belongs to another query");
  return position;
}

function read(cursor: string): z.output<typeof content> | null {
  try {
    return parse(content, JSON.parse(Buffer.from(cursor, "base64url").toString()));
  } catch {
    return null;
  }
}

/** Whether the database can cast the text to the sort's type. */
const fits: Record<Sort["as"], (value: string) => boolean> = {
  text: () => true,
  bigint: (value) => /^-?\d{1,18}$/.test(value),
  date: (value) => reads(() => Temporal.PlainDate.from(value)),
  timestamptz: (value) => reads(() => Temporal.Instant.from(value)),
};

function reads(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}

const refused = (why: string): CrmError =>
  validationFailed(
    [{ path: "cursor", message: `${why}; send next_cursor unchanged` }],
    "Repeat the query with the same type, search, filters and sort and the next_cursor of its last answer, or leave out cursor to start from the beginning.",
  );
