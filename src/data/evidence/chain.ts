import type { EntityManager } from "typeorm";
import { rows } from "../../database/sql.ts";
import type { EvidenceTable, Seal } from "../../entities/seal.ts";
import { SEALS } from "./tables.ts";

/** Hashes in hex. `actual_…`: what it should be, from the sealed rows and the other columns. */
export type SealRow = Pick<
  Seal,
  "id" | "table_name" | "after_id" | "last_id" | "row_count" | "began_at" | "sealed_at"
> &
  Record<"rows_hash" | "previous" | "hash" | "actual_rows" | "actual_hash", string>;

/** Seals that are checked at a time; each has up to 10,000 rows. */
const PAGE = 50;

/** All seals, oldest first, in pages. */
export async function* sealPages(db: EntityManager): AsyncGenerator<SealRow[]> {
  let last = 0;
  for (;;) {
    const page = await rows<SealRow>(db, SEALS, [last, PAGE]);
    if (page.length === 0) return;
    yield page;
    last = page.at(-1)?.id ?? last;
  }
}

export interface Chain {
  /** The newest seal so far. */
  head: SealRow | null;
  /** The newest seal of each table so far. */
  newest: Map<EvidenceTable, SealRow>;
}

/** Why a seal does not continue the chain; null if it does. Adds it to the chain. */
export function brokenLink({ head, newest }: Chain, seal: SealRow): string | null {
  const { id, table_name, after_id, previous, hash, actual_hash } = seal;
  if (hash !== actual_hash) return "its own values were changed";
  if (id !== (head?.id ?? 0) + 1) return `seal ${(head?.id ?? 0) + 1} before it is gone`;
  if (previous !== (head?.hash ?? "")) return "the seal before it was changed";
  const expected = newest.get(table_name)?.last_id ?? 0;
  if (after_id !== expected) return `it begins after row ${after_id} instead of row ${expected}`;
  return null;
}
