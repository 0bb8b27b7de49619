import { createWriteStream, type WriteStream } from "node:fs";
import { once } from "node:events";
import { stringify } from "csv-stringify/sync";
import type { DataSource, EntityManager } from "typeorm";
import { z } from "zod";
import { digestOf } from "../domain/core/canonical.ts";
import type { ErrorBody } from "../domain/core/errors.ts";
import type { Registry } from "../domain/core/registry.ts";
import type { Progress } from "../progress.ts";
import { NotDone, runWithin } from "../workers/run-now.ts";
import { columnsOf, type ImportColumn, UnusableCall } from "./columns.ts";
import { type FileRow, rowsOf, sizeOf } from "./read.ts";
import { BadRow, rowInput } from "./row.ts";

export interface ImportOptions {
  /** Which column is which field, `{name: "Full name"}`; the others are guessed. */
  map?: Readonly<Record<string, string>>;
  /** Everything is tried and taken back. */
  dryRun?: boolean;
  told?: Progress;
}

export interface ImportReport {
  columns: ImportColumn[];
  created: number;
  /** Rows that were taken over before: by an earlier run, or the same further up in the file. */
  known: number;
  failed: number;
  /** The first few of those that failed. */
  examples: Failure[];
  /** Where all of them stand; null where there are none. */
  file: string | null;
}

export interface Failure {
  row: number;
  reason: string;
}

interface Work {
  db: DataSource;
  registry: Registry;
  report: ImportReport;
  failures: Failures;
  /** Rows that were taken over, by what they say; the new ones also by contact's id, numbers and e-mails. */
  seen: Map<string, number>;
}

/** Rows that share a transaction: a commit waits for the disk. */
const AT_ONCE = 25;
const EXAMPLES = 5;

/**
 * Reads contacts, each with an address where the file has one, from a CSV file as jobs of `system:import`. A row is
 * taken over whole or not at all, and once: a run that was killed goes on where it was, a corrected file brings only
 * what is new. Rows that fail go into a new CSV beside the file, with row and reason. Throws UnusableCall.
 */
export async function importContacts(
  db: DataSource,
  registry: Registry,
  { file, map = {}, dryRun = false, told }: ImportOptions & { file: string },
): Promise<ImportReport> {
  const size = await sizeOf(file);
  const rows = rowsOf(file);
  const failures = makeFailures(`${file.replace(/\.csv$/i, "")}.failed`);
  const seen = new Map<string, number>();
  try {
    const head = await rows.next();
    if (head.done) throw new UnusableCall(`${file}: is empty; the first row names the columns.`);
    const columns = columnsOf(head.value.cells, map);
    const report: ImportReport = { columns, created: 0, known: 0, failed: 0, examples: [], file: null };
    for await (const batch of inBatches(rows)) {
      await takeOver({ db, registry, report, failures, seen }, batch, dryRun);
      told?.(batch.at(-1)?.read ?? 0, size);
    }
    return { ...report, file: failures.file() };
  } finally {
    await rows.return(undefined); // Closes the file.
    await failures.close();
  }
}

async function* inBatches(rows: AsyncIterable<FileRow>): AsyncGenerator<FileRow[]> {
  let batch: FileRow[] = [];
  for await (const row of rows) {
    if (batch.push(row) < AT_ONCE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

class TakenBack extends Error {}

async function takeOver(work: Work, batch: readonly FileRow[], dryRun: boolean): Promise<void> {
  const outcomes: (Failure | "created" | "known")[] = [];
  try {
    await work.db.transaction(async (manager) => {
      for (const row of batch) outcomes.push(await oneRow(work, manager, row));
      if (dryRun) throw new TakenBack();
    });
  } catch (error) {
    if (!(error instanceof TakenBack)) throw error;
  }
  const { report } = work;
  for (const [index, outcome] of outcomes.entries()) {
    if (typeof outcome === "string") report[outcome]++;
    else {
      report.failed++;
      if (report.examples.length < EXAMPLES) report.examples.push(outcome);
      await work.failures.add(outcome, report.columns, batch[index]?.cells ?? []);
    }
  }
}

const made = z.looseObject({ id: z.string() });
const madeNow = made.extend({
  phones: z.array(z.looseObject({ number: z.string() })),
  emails: z.array(z.string()),
});

/** In a savepoint of its own: a row that fails leaves nothing, not even its jobs, so that it can be tried again. */
async function oneRow(
  { registry, report, seen }: Work,
  manager: EntityManager,
  { number, cells }: FileRow,
): Promise<Failure | "created" | "known"> {
  try {
    const input = rowInput(report.columns, cells);
    // By what it says, not where it stands: rows move when a file is corrected.
    const key = digestOf(input);
    if (seen.has(key)) return "known";
    const run = (of: string, action: string, data: object) =>
      runWithin(manager, registry, { by: "import", key: `${key} ${of}`, action, data });
    return await manager.transaction(async () => {
      const { result, fresh } = await run("contact", "contact.create", input.contact);
      const marks = fresh ? newTo(seen, madeNow.parse(result)) : [];
      if (input.address) {
        const { id } = made.parse(result);
        await run("address", "contact.add_address", { id, ...input.address });
      }
      for (const mark of [key, ...marks]) seen.set(mark, number);
      return fresh ? "created" : "known";
    });
  } catch (error) {
    const reason =
      error instanceof BadRow ? error.message : error instanceof NotDone && wordsOf(error.body, seen);
    if (reason) return { row: number, reason };
    throw error;
  }
}

/** The contact's id, numbers and e-mails; a dry run has taken back the one whom the database would have met. */
function newTo(seen: Work["seen"], { id, phones, emails }: z.output<typeof madeNow>): string[] {
  const marks = [...phones.map(({ number }) => number), ...emails];
  const twin = marks.find((mark) => seen.has(mark));
  if (twin !== undefined) throw new BadRow(`may be the customer of row ${seen.get(twin)}: same ${twin}`);
  return [id, ...marks];
}

/** `phones.0.number: is no phone number; …`; a contact of this very file is its row. */
function wordsOf(body: ErrorBody | null, seen: Work["seen"]): string | null {
  const faults = body?.fields.map(({ path, message }) => `${path.replace(/^data\./, "")}: ${message}`);
  const words = faults?.join("; ") || body?.message;
  return words?.replaceAll(/contact_\w+/g, (id) => (seen.has(id) ? `row ${seen.get(id)}` : id)) ?? null;
}

interface Failures {
  /** Null where nothing failed. */
  file(): string | null;
  add(failure: Failure, columns: readonly ImportColumn[], cells: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Row and reason before the row's own cells: corrected, the file can be imported itself. */
function makeFailures(stem: string): Failures {
  let stream: WriteStream | null = null;
  const write = async (to: WriteStream, cells: readonly (string | number)[]) => {
    if (!to.write(stringify([cells], { escape_formulas: true }))) await once(to, "drain");
  };
  return {
    file: () => stream && String(stream.path),
    async add({ row, reason }, columns, cells) {
      if (!stream) {
        stream = await newFile(stem);
        await write(stream, ["row", "reason", ...columns.map(({ header }) => header)]);
      }
      await write(stream, [row, reason, ...cells]);
    },
    async close() {
      if (!stream) return;
      stream.end();
      await once(stream, "close");
    },
  };
}

/** `contacts.failed.csv`, or the next number: in one from before, somebody may have corrected rows. */
async function newFile(stem: string, count = 1): Promise<WriteStream> {
  const stream = createWriteStream(`${stem}${count > 1 ? `-${count}` : ""}.csv`, {
    mode: 0o600,
    flags: "wx",
  });
  try {
    await once(stream, "open");
    return stream;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // Whatever else it is has none.
    if (code !== "EEXIST") throw error;
    return newFile(stem, count + 1);
  }
}
