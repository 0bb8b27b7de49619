import type { EntityManager } from "typeorm";
import { rows } from "../../database/sql.ts";
import type { EvidenceTable } from "../../entities/seal.ts";
import type { SealRow } from "./chain.ts";
import { PRESENT } from "./tables.ts";

/** How a row differs from its seal. */
export interface Difference {
  what: "cut" | "added" | "changed" | "backdated" | "erased" | "expired";
  /** Null: counted only. */
  row_id: number | null;
  /** `change 17`, `authorization auth_… (decision 4)`; null if the row is gone. */
  name: string | null;
  at: Date | null;
  count: number;
}

/** A wrong clock that was set right does not make a row suspicious. */
const TOLERANCE = "interval '1 hour'";

/**
 * Compares the rows of one table with their seals. `seals` follow each other; `since` is the beginning of the seal
 * before them. A row without an entry in its seal was added, an entry without a row was cut.
 */
export async function compareRows(
  db: EntityManager,
  table: EvidenceTable,
  { seals, since }: { seals: readonly SealRow[]; since: Date | null },
): Promise<Difference[]> {
  const began = [since, ...seals.map(({ began_at }) => began_at)].slice(0, seals.length);
  return rows<Difference>(
    db,
    `SELECT what, row_id, name, at, count(*)::integer AS count FROM (
       SELECT d.what, CASE WHEN d.what <> 'expired' THEN d.row_id END AS row_id, d.name, d.at FROM (
         SELECT coalesce(p.row_id, s.row_id) AS row_id, p.name, p.at, CASE
           WHEN p.row_id IS NULL AND s.expires_at <= clock_timestamp() THEN 'expired'
           WHEN p.row_id IS NULL THEN 'cut'
           WHEN s.row_id IS NULL THEN 'added'
           WHEN p.stored <> s.whole THEN 'changed'
           WHEN p.erased AND p.actual = s.redacted THEN 'erased'
           WHEN p.erased OR p.actual <> s.whole THEN 'changed'
           WHEN p.at < ($5::timestamptz[])[width_bucket(p.row_id - 1, $4::bigint[]) + 1] - ${TOLERANCE} THEN 'backdated'
         END AS what
         FROM (${PRESENT[table]}) p FULL JOIN (
           SELECT row_id, whole, redacted, expires_at FROM public.sealed_row
           WHERE table_name = $3 AND row_id > $1 AND row_id <= $2) s ON s.row_id = p.row_id) d
       WHERE d.what IS NOT NULL) found
     GROUP BY what, row_id, name, at ORDER BY row_id`,
    [seals[0]?.after_id ?? 0, seals.at(-1)?.last_id ?? 0, table, seals.map(({ last_id }) => last_id), began],
  );
}

/** The rows of a table that are not sealed yet. */
export interface Waiting {
  count: number;
  oldest: Date | null;
  /** Those that are not as their trigger wrote them. */
  changed: string[];
}

export async function waitingRows(db: EntityManager, table: EvidenceTable, after: number): Promise<Waiting> {
  const [found] = await rows<Waiting>(
    db,
    `SELECT count(*)::integer AS count, min(p.at) AS oldest,
       coalesce(array_agg(p.name ORDER BY p.row_id) FILTER (WHERE p.stored <> p.actual), '{}') AS changed
     FROM (${PRESENT[table]}) p`,
    [after, Number.MAX_SAFE_INTEGER],
  );
  return found ?? { count: 0, oldest: null, changed: [] };
}
