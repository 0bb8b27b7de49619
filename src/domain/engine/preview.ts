import type { EntityManager } from "typeorm";
import { BusinessRecord, VOLATILE } from "../../entities/columns.ts";
import { rows } from "../../database/sql.ts";
import { canonical, digestOf } from "../core/canonical.ts";
import { CrmError } from "../core/errors.ts";
import type { Cause } from "../core/permission.ts";

type Row = Record<string, unknown>;

/** A row of `change`. */
export interface ChangeRow {
  table_name: string;
  record_id: string;
  operation: PreviewChange["operation"];
  before: Row | null;
  after: Row | null;
}

export interface PreviewChange {
  /** Table name: `contact`. */
  record: string;
  /** Its id; `new:ticket:1` for a row that the run would insert. */
  id: string;
  label: string;
  operation: "insert" | "update" | "delete";
  /** For an update only the columns that change. */
  before: Row | null;
  after: Row | null;
}

export interface Preview {
  changes: PreviewChange[];
  /** What would be sent. */
  messages: Row[];
  /** What would be paid or refunded. */
  money: Row[];
}

/** What a run wrote or would write, and the digest that a later run must match. */
export interface Snapshot {
  preview: Preview;
  facts: Row;
  digest: string;
}

interface CaptureOptions {
  db: EntityManager;
  job: { id: string };
  now: Date;
  causes: readonly Cause[];
}

/** A person cannot review more, and pages and programs must hold it in memory. */
export const MOST_PREVIEW_BYTES = 1_000_000;

/** Rows of `change` hold every column, so a preview that fits can be made from more. They are not even read above this. */
const MOST_CHANGE_BYTES = 20 * MOST_PREVIEW_BYTES;

/** Captures what the running transaction has written for a job so far. Throws `too_large` for more than a preview holds. */
export async function capture(options: CaptureOptions): Promise<Snapshot> {
  const { db, job } = options;
  const [written] = await rows<{ changes: number; bytes: number }>(
    db,
    `SELECT count(*) AS changes, coalesce(sum(octet_length(concat(before::text, after::text))), 0) AS bytes
     FROM change WHERE job_id = $1`,
    [job.id],
  );
  const { changes = 0, bytes = 0 } = written ?? {};
  if (bytes > MOST_CHANGE_BYTES) throw previewTooLarge(changes);
  const snapshot = await captureAll(options);
  if (Buffer.byteLength(JSON.stringify(snapshot.preview)) > MOST_PREVIEW_BYTES)
    throw previewTooLarge(changes);
  return snapshot;
}

const previewTooLarge = (changes: number): CrmError =>
  new CrmError("too_large", `It would change ${changes} rows: a preview of them is larger than 1 MB.`, {
    hint: "Split it: name fewer records per request, or shorter texts, and send the parts one after the other.",
    extra: { limit_bytes: MOST_PREVIEW_BYTES, changes },
  });

async function captureAll({ db, job, now, causes }: CaptureOptions): Promise<Snapshot> {
  const written = await rows<ChangeRow>(
    db,
    "SELECT table_name, record_id, operation, before, after FROM change WHERE job_id = $1 ORDER BY id",
    [job.id],
  );
  const net = netChanges(written).filter((change) => writtenColumns(db, change).length > 0);
  const replace = makeReplacer(placeholdersOf(db, net), now);
  const changes = net.map((change) => present(db, change, replace));
  const data = causes.filter(({ kind }) => kind === "data");
  const facts = data.length === 1 ? (data[0]?.facts ?? {}) : factsByRecord(data);
  return {
    preview: {
      changes,
      messages: net.flatMap((change) => outgoingOf(db, change).map((row) => replace(row) as Row)),
      money: [],
    },
    facts,
    digest: digestOf({
      facts: data.map((cause) => cause.facts), // Bulk and window are not facts: they only say when a person is asked.
      changes: changes.map((change) => canonical(digested(change))).sort(),
    }),
  };
}

const factsByRecord = (causes: readonly Cause[]): Row =>
  Object.fromEntries(causes.map(({ record, reason, facts }) => [record ?? reason, facts]));

/** One change per row: its image before the run and after it. */
export function netChanges<Written extends ChangeRow>(written: readonly Written[]): Written[] {
  const net = new Map<string, Written>();
  for (const change of written) {
    const key = `${change.table_name} ${change.record_id}`;
    const earlier = net.get(key);
    const before = earlier ? earlier.before : change.before;
    if (!before && !change.after) {
      net.delete(key); // Inserted and deleted within the run.
      continue;
    }
    const operation = !before ? "insert" : !change.after ? "delete" : "update";
    net.set(key, { ...change, before, operation });
  }
  return [...net.values()];
}

/** Stand-ins for what differs from run to run, by what is replaced. */
type Placeholders = ReadonlyMap<string, string>;
type Replace = (value: unknown) => unknown;

/** The ids of new rows (`ticket_01k…` → `new:ticket:1`), and their numbers and tokens as texts hold them. */
function placeholdersOf(db: EntityManager, net: readonly ChangeRow[]): Placeholders {
  const placeholders = new Map<string, string>();
  const counts = new Map<string, number>();
  for (const { operation, table_name, record_id, after } of net) {
    if (operation !== "insert") continue;
    const count = (counts.get(table_name) ?? 0) + 1;
    counts.set(table_name, count);
    const row = `new:${table_name}:${count}`;
    placeholders.set(record_id, row);
    for (const column of recordClass(db, table_name).volatile) {
      const value = after?.[column];
      if (typeof value === "number") placeholders.set(`#${value}`, `#${row}`);
      if (typeof value === "string") placeholders.set(value, `${row}:${column}`);
    }
  }
  return placeholders;
}

/** An id, a token or a number (`#17`) inside a text. An id starts at a word: a text of 1 MB is read once. */
const REPLACED = /(?<![a-z_])[a-z_]{1,40}_[0-7][0-9a-hjkmnp-tv-z]{25}|[0-9a-f]{32}|#\d+/g;

/** Replaces the placeholders' originals, inside texts and lists too, and the run's time by `now`. */
function makeReplacer(placeholders: Placeholders, now: Date): Replace {
  const asWritten = now.toISOString().replace(/\.?0{0,3}Z$/, "+00:00"); // The format of to_jsonb().
  const replace: Replace = (value) => {
    if (value === asWritten) return "now";
    if (typeof value === "string")
      return value.replace(REPLACED, (found) => placeholders.get(found) ?? found);
    if (Array.isArray(value)) return value.map(replace);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, replace(inner)]));
  };
  return replace;
}

function present(db: EntityManager, change: ChangeRow, replace: Replace): PreviewChange {
  const { table_name, record_id, operation, before, after } = change;
  const columns = writtenColumns(db, change);
  const labelled = before ?? pick(after ?? {}, columns, replace); // A new row has no number yet.
  return {
    record: table_name,
    id: String(replace(record_id)),
    label: rowLabel(db, table_name, labelled),
    operation,
    before: before && pick(before, columns, replace),
    after: after && pick(after, columns, replace),
  };
}

/** What a new row sends. */
function outgoingOf(db: EntityManager, { operation, table_name, after }: ChangeRow): Row[] {
  const outgoing = operation === "insert" && recordClass(db, table_name).outgoing(after as never); // Its table's row.
  return outgoing ? [outgoing] : [];
}

/** What a person calls a row of that table. */
export const rowLabel = (db: EntityManager, table: string, row: Row): string =>
  recordClass(db, table).label(row as Record<string, never>); // Its table's row.

/** A person approves these columns. A deleted row counts with all its columns: they saw what would be lost. */
const digested = ({ record: table, id, operation, before, after }: PreviewChange): Row => ({
  table,
  id,
  operation,
  before,
  after,
});

function writtenColumns(db: EntityManager, { table_name, before, after }: ChangeRow): string[] {
  const volatile = [...VOLATILE, ...recordClass(db, table_name).volatile];
  return Object.keys(after ?? before ?? {}).filter(
    (column) =>
      !volatile.includes(column) &&
      !(before && after && canonical(before[column]) === canonical(after[column])),
  );
}

const pick = (row: Row, columns: readonly string[], replace: Replace): Row =>
  Object.fromEntries(columns.map((column) => [column, replace(row[column])]));

/** The entity of a guarded table. All of them extend BusinessRecord. */
export function recordClass(db: EntityManager, table: string): typeof BusinessRecord {
  const metadata = db.dataSource.entityMetadatas.find(({ tableName }) => tableName === table);
  if (typeof metadata?.target !== "function") throw new Error(`no entity for table ${table}`);
  return metadata.target as typeof BusinessRecord; // Only business records have the change trigger (guard_table()).
}

/** The label of the record with this id; null where there is none. */
export async function labelOf(db: EntityManager, table: string, id: string): Promise<string | null> {
  const metadata = db.dataSource.entityMetadatas.find(({ tableName }) => tableName === table);
  const record: unknown = metadata && (await db.findOneBy(metadata.target, { id }));
  return record instanceof BusinessRecord ? recordClass(db, table).label(record as never) : null; // Its table's row.
}
