import type { DataSource, EntityManager } from "typeorm";
import type { Progress } from "../../database/progress.ts";
import { rows } from "../../database/sql.ts";
import type { Erasure } from "../../entities/erasure.ts";
import { EVIDENCE_TABLES, type EvidenceTable } from "../../entities/seal.ts";
import { brokenLink, type Chain, type SealRow, sealPages } from "./chain.ts";
import { undecidedRows } from "./decisions.ts";
import { compareRows, type Difference, waitingRows } from "./rows.ts";
import { describeDifference, describeSeal, minute } from "./words.ts";

export interface Verification {
  /** One sentence for each row, seal or head that is not as it was. */
  problems: string[];
  /** The newest seal. */
  head: { hash: string; sealed_at: Date } | null;
  /** Sealed rows, without those that expired. */
  sealed: number;
  /** Rows that are not sealed yet. */
  waiting: number;
  /** Security events that were removed when they expired. */
  expired: number;
  /** Rows that lost personal data, by erasure. */
  erasures: { job_id: string; at: Date; rows: number }[];
  /** The given heads that are in the chain. */
  confirmed: { hash: string; sealed_at: Date }[];
}

interface Options {
  /** Heads that were kept elsewhere, in hex. */
  heads?: readonly string[];
  progress?: Progress;
}

/** What is known so far. */
interface Run {
  db: EntityManager;
  heads: readonly string[];
  chain: Chain;
  /** The job of each erased row, by `change 17`. */
  erased: Map<string, Verification["erasures"][number]>;
  result: Verification;
}

/** Compares changes, decisions, security events and erasures with their seals, in one snapshot. Changes nothing. */
export async function verifyEvidence(
  db: DataSource,
  { heads = [], progress }: Options = {},
): Promise<Verification> {
  return db.transaction("REPEATABLE READ", async (manager) => {
    for (const setting of SETTINGS) await rows(manager, setting);
    const run = await begin(manager, heads);
    const [all] = await rows<{ total: number }>(
      manager,
      "SELECT coalesce(sum(row_count), 0) AS total FROM public.seal",
    );
    for await (const page of sealPages(manager)) {
      await checkPage(run, page);
      progress?.(run.result.sealed + run.result.expired, all?.total ?? 0);
    }
    await checkRest(run);
    return run.result;
  });
}

const SETTINGS = [
  "SET TRANSACTION READ ONLY",
  // Nothing that the owner of the tables has made comes before PostgreSQL's own functions.
  "SET LOCAL search_path = pg_catalog, pg_temp",
  "SET LOCAL timezone = 'UTC'",
  "SET LOCAL statement_timeout = 0",
];

async function begin(db: EntityManager, heads: readonly string[]): Promise<Run> {
  const erasures = await rows<Pick<Erasure, "job_id" | "at" | "changes" | "decisions">>(
    db,
    "SELECT job_id, at, to_json(changes) AS changes, to_json(decisions) AS decisions FROM public.erasure ORDER BY id",
  );
  const erased: Run["erased"] = new Map();
  for (const { job_id, at, changes, decisions } of erasures) {
    const erasure = { job_id, at, rows: 0 };
    for (const id of changes) erased.set(`change ${id}`, erasure);
    for (const id of decisions) erased.set(`decision ${id}`, erasure);
  }
  const result = { problems: [], head: null, sealed: 0, waiting: 0, expired: 0, erasures: [], confirmed: [] };
  return { db, heads, chain: { head: null, newest: new Map() }, erased, result };
}

/** Checks the links of some seals, then the rows that they cover. */
async function checkPage(run: Run, page: readonly SealRow[]): Promise<void> {
  const { chain, result, heads } = run;
  const before = new Map(chain.newest);
  for (const seal of page) {
    const broken = brokenLink(chain, seal);
    if (broken !== null)
      result.problems.push(`${describeSeal(seal)} does not continue the chain: ${broken}.`);
    chain.head = seal;
    chain.newest.set(seal.table_name, seal);
    result.head = { hash: seal.hash, sealed_at: seal.sealed_at };
    if (heads.includes(seal.hash)) result.confirmed.push(result.head);
  }
  for (const table of EVIDENCE_TABLES) {
    const seals = page.filter(({ table_name }) => table_name === table);
    if (seals.length > 0) await checkRows(run, table, { seals, since: before.get(table)?.began_at ?? null });
  }
}

async function checkRows(
  run: Run,
  table: EvidenceTable,
  range: { seals: SealRow[]; since: Date | null },
): Promise<void> {
  const { db, result } = run;
  const differences = await compareRows(db, table, range);
  for (const difference of differences) report(run, table, { difference, seals: range.seals });
  const expired = differences.find(({ what }) => what === "expired")?.count ?? 0;
  result.expired += expired;
  result.sealed += range.seals.reduce((sum, { row_count }) => sum + row_count, 0) - expired;
  for (const seal of range.seals) {
    const named = differences.some(({ what, row_id }) => TAMPERED.has(what) && within(seal, row_id));
    if (seal.rows_hash !== seal.actual_rows && !named)
      result.problems.push(
        `${describeSeal(seal)} has another list of rows: at least one of them was changed, cut or added.`,
      );
  }
}

const TAMPERED: ReadonlySet<Difference["what"]> = new Set(["cut", "added", "changed"]);

const within = ({ after_id, last_id }: SealRow, id: number | null) =>
  id !== null && id > after_id && id <= last_id;

function report(
  { erased, result }: Run,
  table: EvidenceTable,
  { difference, seals }: { difference: Difference; seals: readonly SealRow[] },
): void {
  const { what, row_id } = difference;
  if (what === "expired") return;
  const seal = seals.find((one) => within(one, row_id));
  const erasure = what === "erased" ? erased.get(`${table} ${row_id}`) : undefined;
  if (!erasure) {
    result.problems.push(describeDifference(difference, table, seal));
    return;
  }
  if (erasure.rows === 0) result.erasures.push(erasure);
  erasure.rows++;
}

/** Checks the rows without a seal, the decided rows and the given heads. */
async function checkRest({ db, heads, chain, result }: Run): Promise<void> {
  const [ran] = await rows<{ at: Date | null }>(
    db,
    "SELECT last_succeeded_at AS at FROM public.schedule_run WHERE name = 'evidence-seal'",
  );
  for (const table of EVIDENCE_TABLES) {
    const { count, oldest, changed } = await waitingRows(db, table, chain.newest.get(table)?.last_id ?? 0);
    result.waiting += count;
    result.problems.push(...changed.map((name) => `${name} was changed or added before it was sealed.`));
    if (oldest && ran?.at && ran.at.getTime() - oldest.getTime() > LATE_MS)
      result.problems.push(
        `${table} has rows of ${minute(oldest)} without a seal, although all were sealed until ${minute(ran.at)}: seals were removed.`,
      );
  }
  result.problems.push(...(await undecidedRows(db)));
  for (const hash of heads)
    if (!result.confirmed.some((one) => one.hash === hash))
      result.problems.push(
        `The head ${hash} is not in the chain: what was sealed until then was rewritten, or it is the head of another database.`,
      );
}

/** Sealing takes a few minutes. */
const LATE_MS = 3_600_000;
