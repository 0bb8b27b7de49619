import { createHash } from "node:crypto";
import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { type CrmError, validationFailed } from "./errors.ts";
import { parse } from "./input.ts";
import type { Sort } from "./record-type.ts";

/** The last row of a page: its sort value as exact text (null where it has none) and its id. */
export interface Position {
  value: string | null;
  id: string;
}

const content = z.strictObject({
  value: z.string().max(2_000).nullable(),
  id: z.string().max(80),
  /** Checksum of the question it belongs to. */
  of: z.string(),
});

const checksum = (question: unknown): string =>
  createHash("sha256").update(JSON.stringify(question)).digest("base64url").slice(0, 16);

/** Opaque: base64url. `question` is all that decides which rows come in which order. */
export function encodeCursor({ value, id }: Position, question: unknown): string {
  return Buffer.from(JSON.stringify({ value, id, of: checksum(question) })).toString("base64url");
}

/** Refuses what is no cursor of ours, or one of another question. */
export function decodeCursor(cursor: string, question: unknown, { as, nullable }: Sort): Position {
  const position = read(cursor);
  if (!position || !(position.value === null ? nullable : fits[as](position.value)))
    throw refused("is not a cursor of this API");
  if (position.of !== checksum(question)) throw refused("belongs to another query");
  return position;
}

function read(cursor: string): z.output<typeof content> | null {
  try {
    return parse(content, JSON.parse(Buffer.from(cursor, "base64url").toString()));
  } catch {
    return null;
  }
}

/** Whether the database can read the text as the sort's type. */
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
    [{ path: "cursor", message: `${why}; send next_cursor as it came` }],
    "Repeat the query with the same type, search, filters and sort and the next_cursor of its last answer, or leave cursor out to start again.",
  );
