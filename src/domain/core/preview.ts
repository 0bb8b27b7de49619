import type { EntityManager } from "typeorm";
import { BusinessRecord, VOLATILE } from "../../entities/columns.ts";
import { rows } from "../../entities/database.ts";
import { canonical, digestOf } from "./canonical.ts";
import type { Cause } from "./permission.ts";
import type { Moved, Preview, PreviewChange } from "./ports.ts";

type Row = Record<string, unknown>;

/** A row of `change`. */
export interface ChangeRow {
  table_name: string;
  record_id: string;
  operation: PreviewChange["operation"];
  before: Row | null;
  after: Row | null;
}

/** What a run did, or would have done, and the digest that a later run must come to. */
export interface Sight {
  preview: Preview;
  facts: Row;
  digest: string;
}

interface Looked {
  db: EntityManager;
  job: { id: string };
  now: Date;
  causes: readonly Cause[];
}

/** Looks at what the running transaction has written for a job so far. */
export async function lookAt({ db, job, now, causes }: Looked): Promise<Sight> {
  const written = await rows<ChangeRow>(
    db,
    "SELECT table_name, record_id, operation, before, after FROM change WHERE job_id = $1 ORDER BY id",
    [job.id],
  );
  const net = netChanges(written).filter((change) => writtenColumns(db, change).length > 0);
  const ordinals = ordinalsOf(net, now);
  const changes = net.map((change) => present(db, change, ordinals));
  const data = causes.filter(({ kind }) => kind === "data");
  const facts = data.length === 1 ? (data[0]?.facts ?? {}) : factsByRecord(data);
  return {
    preview: { changes, messages: net.flatMap((change) => outgoingOf(db, change)), money: [] },
    facts,
    digest: digestOf({
      facts: data.map((cause) => cause.facts), // Bulk and window are no facts: they say when a person is asked.
      changes: net.map((change) => canonical(digested(db, change, ordinals))).sort(),
    }),
  };
}

const factsByRecord = (causes: readonly Cause[]): Row =>
  Object.fromEntries(causes.map(({ record, reason, facts }) => [record ?? reason, facts]));

/** One change per row: what it was before the run and what it is after it. */
export function netChanges<Written extends ChangeRow>(written: readonly Written[]): Written[] {
  const net = new Map<string, Written>();
  for (const change of written) {
    const key = `${change.table_name} ${change.record_id}`;
    const earlier = net.get(key);
    const before = earlier ? earlier.before : change.before;
    if (!before && !change.after) {
      net.delete(key); // Made and taken away within the run.
      continue;
    }
    const operation = !before ? "insert" : !change.after ? "delete" : "update";
    net.set(key, { ...change, before, operation });
  }
  return [...net.values()];
}

/** What differs from run to run: ids that it made, `ticket_01k…` → `new:ticket:1`, and its own time → `now`. */
function ordinalsOf(net: readonly ChangeRow[], now: Date): Map<unknown, string> {
  const asWritten = now.toISOString().replace(/\.?0*Z$/, "+00:00"); // As to_jsonb() says it.
  const ordinals = new Map<unknown, string>([[asWritten, "now"]]);
  const counts = new Map<string, number>();
  for (const { operation, table_name, record_id } of net) {
    if (operation !== "insert") continue;
    const count = (counts.get(table_name) ?? 0) + 1;
    counts.set(table_name, count);
    ordinals.set(record_id, `new:${table_name}:${count}`);
  }
  return ordinals;
}

function present(
  db: EntityManager,
  change: ChangeRow,
  ordinals: ReadonlyMap<unknown, string>,
): PreviewChange {
  const { table_name, record_id, operation, before, after } = change;
  const columns = writtenColumns(db, change);
  const labelled = before ?? pick(after ?? {}, columns, ordinals); // What is new has no number yet.
  return {
    record: table_name,
    id: ordinals.get(record_id) ?? record_id,
    label: rowLabel(db, table_name, labelled),
    operation,
    before: before && pick(before, columns, ordinals),
    after: after && pick(after, columns, ordinals),
  };
}

/** What a new row lets go out. */
function outgoingOf(db: EntityManager, { operation, table_name, after }: ChangeRow): Row[] {
  const outgoing = operation === "insert" && recordClass(db, table_name).outgoing(after as never); // Its table's own.
  return outgoing ? [outgoing] : [];
}

/** What a person calls a row of that table. */
export const rowLabel = (db: EntityManager, table: string, row: Row): string =>
  recordClass(db, table).label(row as Record<string, never>); // The label of its table.

/** What is approved: which row, and what is written to it; a delete writes no columns. */
function digested(db: EntityManager, change: ChangeRow, ordinals: ReadonlyMap<unknown, string>): Row {
  const { table_name: table, record_id, operation, before, after } = change;
  const id = ordinals.get(record_id) ?? record_id;
  if (operation === "delete") return { table, id, operation };
  const columns = writtenColumns(db, change);
  return {
    table,
    id,
    operation,
    before: before && pick(before, columns, ordinals),
    after: after && pick(after, columns, ordinals),
  };
}

function writtenColumns(db: EntityManager, { table_name, before, after }: ChangeRow): string[] {
  const volatile = [...VOLATILE, ...recordClass(db, table_name).volatile];
  return Object.keys(after ?? before ?? {}).filter(
    (column) =>
      !volatile.includes(column) &&
      !(before && after && canonical(before[column]) === canonical(after[column])),
  );
}

const pick = (row: Row, columns: readonly string[], ordinals: ReadonlyMap<unknown, string>): Row =>
  Object.fromEntries(columns.map((column) => [column, ordinals.get(row[column]) ?? row[column]]));

/** The entity of a guarded table: every one of them extends BusinessRecord. */
export function recordClass(db: EntityManager, table: string): typeof BusinessRecord {
  const metadata = db.dataSource.entityMetadatas.find(({ tableName }) => tableName === table);
  if (typeof metadata?.target !== "function") throw new Error(`no entity for table ${table}`);
  return metadata.target as typeof BusinessRecord; // guard_table() is called for business records only.
}

/** The label of the record that an id names; null where there is none. */
export async function labelOf(db: EntityManager, table: string, id: string): Promise<string | null> {
  const metadata = db.dataSource.entityMetadatas.find(({ tableName }) => tableName === table);
  const record: unknown = metadata && (await db.findOneBy(metadata.target, { id }));
  return record instanceof BusinessRecord ? recordClass(db, table).label(record as never) : null; // As in present().
}

/** What differs between what a person saw and what would happen now. */
export function whatMoved(
  seen: Pick<Sight, "facts" | "preview">,
  current: Pick<Sight, "facts" | "preview">,
): Moved[] {
  const names = new Set([...Object.keys(seen.facts), ...Object.keys(current.facts)]);
  const facts = [...names]
    .filter((name) => canonical(seen.facts[name] ?? null) !== canonical(current.facts[name] ?? null))
    .map((name): Moved => ({
      what: "fact",
      name,
      before: seen.facts[name] ?? null,
      after: current.facts[name] ?? null,
    }));
  const key = ({ record, id }: PreviewChange) => `${record} ${id}`;
  const then = new Map(seen.preview.changes.map((change) => [key(change), change]));
  const now = new Map(current.preview.changes.map((change) => [key(change), change]));
  const changes = [...new Set([...then.keys(), ...now.keys()])].flatMap((each): Moved[] => {
    const [before, after] = [then.get(each), now.get(each)].map((change) => change && essence(change));
    if (canonical(before ?? null) === canonical(after ?? null)) return [];
    const name = now.get(each)?.label ?? then.get(each)?.label ?? each;
    return [{ what: "change", name, before: before ?? null, after: after ?? null }];
  });
  return [...facts, ...changes];
}

const essence = ({ record, operation, before, after }: PreviewChange) =>
  operation === "delete" ? { record, operation } : { record, operation, before, after };
