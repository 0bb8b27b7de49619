import { createWriteStream, type WriteStream } from "node:fs";
import { once } from "node:events";
import { stringify } from "csv-stringify/sync";
import type { DataSource, EntityManager } from "typeorm";
import { z } from "zod";
import { digestOf } from "../../domain/core/canonical.ts";
import { localValuesOf } from "../../domain/attribute/date-words.ts";
import { CrmError, type ErrorBody } from "../../domain/core/errors.ts";
import { complete } from "../../domain/core/local-values.ts";
import type { Registry } from "../../domain/core/registry.ts";
import type { Reference } from "../../domain/core/when/index.ts";
import { referenceOf } from "../../domain/settings/current.ts";
import type { Progress } from "../../database/progress.ts";
import { SystemJobFailed, runSystemJobWithin } from "../../workers/system-job.ts";
import { plainCell, safeCell } from "../formula-cells.ts";
import { columnsOf, type ImportColumn, ImportInputError } from "./columns.ts";
import { type FileRow, rowsOf, sizeOf } from "./read.ts";
import { BadRow, rowInput } from "./row.ts";

export interface ImportOptions {
  /** Header of the column for a field, `{name: "Full name"}`. The other columns are guessed. */
  map?: Readonly<Record<string, string>>;
  /** Every batch is rolled back. */
  dryRun?: boolean;
  progress?: Progress;
}

export interface ImportReport {
  columns: ImportColumn[];
  created: number;
  /** Rows that were already imported: by an earlier run, or as an earlier row of the file. */
  known: number;
  failed: number;
  /** The first failures, at most EXAMPLES. */
  examples: Failure[];
  /** The path of the CSV file with all failures; null if there are none. */
  file: string | null;
}

export interface Failure {
  row: number;
  reason: string;
}

interface Work {
  db: DataSource;
  registry: Registry;
  reference: Reference;
  report: ImportReport;
  failures: Failures;
  /** Row numbers of imported rows by the digest of their content; of new contacts also by id, phone numbers and e-mails. */
  seen: Map<string, number>;
}

/** Rows per transaction, because each commit waits for the disk. */
const BATCH_SIZE = 25;
const EXAMPLES = 5;

/**
 * Imports contacts and their addresses from a CSV file as jobs of `system:import`. Each row is atomic and idempotent: a
 * killed run can be repeated, and a corrected file adds only what is new. Failed rows are written with row number and
 * reason to a new CSV file next to the original. Throws ImportInputError.
 */
export async function importContacts(
  db: DataSource,
  registry: Registry,
  { file, map = {}, dryRun = false, progress }: ImportOptions & { file: string },
): Promise<ImportReport> {
  const size = await sizeOf(file);
  const rows = rowsOf(file);
  const failures = makeFailures(`${file.replace(/\.csv$/i, "")}.failed`);
  const seen = new Map<string, number>();
  try {
    const head = await rows.next();
    if (head.done) throw new ImportInputError(`${file}: is empty; the first row names the columns.`);
    const columns = columnsOf(head.value.cells, map);
    const reference = await referenceOf(db.manager, new Date());
    const report: ImportReport = { columns, created: 0, known: 0, failed: 0, examples: [], file: null };
    for await (const batch of inBatches(rows)) {
      await importBatch({ db, registry, reference, report, failures, seen }, batch, dryRun);
      progress?.(batch.at(-1)?.read ?? 0, size);
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
    if (batch.push(row) < BATCH_SIZE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

class DryRunRollback extends Error {}

async function importBatch(work: Work, batch: readonly FileRow[], dryRun: boolean): Promise<void> {
  const outcomes: (Failure | "created" | "known")[] = [];
  try {
    await work.db.transaction(async (manager) => {
      for (const row of batch) outcomes.push(await importRow(work, manager, row));
      if (dryRun) throw new DryRunRollback();
    });
  } catch (error) {
    if (!(error instanceof DryRunRollback)) throw error;
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

const createdRecord = z.looseObject({ id: z.string() });
const createdContact = createdRecord.extend({
  phones: z.array(z.looseObject({ number: z.string() })),
  emails: z.array(z.string()),
});

/** Runs in a savepoint: a failed row leaves nothing, not even its jobs, so that it can be imported again. */
async function importRow(
  { registry, reference, report, seen }: Work,
  manager: EntityManager,
  { number, cells }: FileRow,
): Promise<Failure | "created" | "known"> {
  try {
    const input = rowInput(report.columns, cells);
    // Keyed by content, not by row number: rows move when a file is corrected.
    const key = digestOf(input);
    if (seen.has(key)) return "known";
    const run = async (of: string, action: string, data: object) => {
      const values = await localValuesOf(manager, registry.action(action), data);
      const completed = complete(data, values, reference);
      return runSystemJobWithin(manager, registry, {
        by: "import",
        key: `${key} ${of}`,
        action,
        data: completed.data,
      });
    };
    return await manager.transaction(async () => {
      const { result, fresh } = await run("contact", "contact.create", input.contact);
      const keys = fresh ? uniqueKeys(seen, createdContact.parse(result)) : [];
      if (input.address) {
        const { id } = createdRecord.parse(result);
        await run("address", "contact.add_address", { id, ...input.address });
      }
      for (const each of [key, ...keys]) seen.set(each, number);
      return fresh ? "created" : "known";
    });
  } catch (error) {
    const reason =
      error instanceof BadRow
        ? error.message
        : (error instanceof SystemJobFailed || error instanceof CrmError) && reasonOf(error.body, seen);
    if (reason) return { row: number, reason };
    throw error;
  }
}

/**
 * The contact's id, phone numbers and e-mails. Throws BadRow if an earlier row has one of them: a dry run has rolled that
 * row back, so the database cannot detect the duplicate.
 */
function uniqueKeys(seen: Work["seen"], { id, phones, emails }: z.output<typeof createdContact>): string[] {
  const keys = [...phones.map(({ number }) => number), ...emails];
  const duplicate = keys.find((key) => seen.has(key));
  if (duplicate !== undefined)
    throw new BadRow(`may be the customer of row ${seen.get(duplicate)}: same ${duplicate}`);
  return [id, ...keys];
}

/** `phones.0.number: is not a phone number; …`. Replaces the id of a contact from this file by its row number. */
function reasonOf(body: ErrorBody | null, seen: Work["seen"]): string | null {
  const faults = body?.fields.map(({ path, message }) => `${path.replace(/^data\./, "")}: ${message}`);
  const reason = faults?.join("; ") || body?.message;
  return reason?.replaceAll(/contact_\w+/g, (id) => (seen.has(id) ? `row ${seen.get(id)}` : id)) ?? null;
}

interface Failures {
  /** Null if no row failed. */
  file(): string | null;
  add(failure: Failure, columns: readonly ImportColumn[], cells: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Writes row number and reason before the row's cells, so that the corrected file can be imported. */
function makeFailures(stem: string): Failures {
  let stream: WriteStream | null = null;
  const write = async (to: WriteStream, cells: readonly (string | number)[]) => {
    const safe = cells.map((cell) => safeCell(plainCell(String(cell))));
    if (!to.write(stringify([safe]))) await once(to, "drain");
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

/** Creates `contacts.failed.csv`, or `-2.csv` and so on: an existing file may contain corrections. */
async function newFile(stem: string, count = 1): Promise<WriteStream> {
  const stream = createWriteStream(`${stem}${count > 1 ? `-${count}` : ""}.csv`, {
    mode: 0o600,
    flags: "wx",
  });
  try {
    await once(stream, "open");
    return stream;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // Other errors have no code.
    if (code !== "EEXIST") throw error;
    return newFile(stem, count + 1);
  }
}
