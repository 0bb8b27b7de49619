import type { DataSource } from "typeorm";
import { codeOf } from "./database/embedded/process.ts";
import { rows } from "./database/sql.ts";
import { FULL_BELOW_BYTES, freeBytes } from "./disk.ts";

/** SQLSTATE disk_full. */
const DISK_FULL = "53100";

/** Anybody may ask, so the probe of the disk does not run for each caller. */
const PROBE_EVERY_MS = 2_000;

/** Memory for the probe, far less than its numbers need. */
const LITTLE_MEMORY = "SET LOCAL work_mem = '64kB'";

/**
 * PostgreSQL keeps these numbers in a temporary file of about a megabyte, on its own disk, whichever machine that is on.
 * Leaves nothing in tables or log.
 */
const PROBE = "SELECT count(*) FROM generate_series(1, 40000)";

interface Parts {
  db: DataSource;
  queues: { ping(): Promise<void> };
  /** The folder of the embedded database; undefined if the database is elsewhere. */
  dataDir: string | undefined;
}

/** What is down, by name; null where it is well. */
export function makeHealth({ db, queues, dataDir }: Parts): () => Promise<Record<string, string | null>> {
  const disk = atMostEvery(PROBE_EVERY_MS, () => diskFault(db, dataDir));
  return async () => {
    const [database, queue, full] = await Promise.all([
      unanswered(db.query("SELECT 1")),
      unanswered(queues.ping()),
      disk(),
    ]);
    return { database, queue, disk: full };
  };
}

const unanswered = (check: Promise<unknown>): Promise<string | null> =>
  check.then(
    () => null,
    () => "does not answer",
  );

async function diskFault(db: DataSource, dataDir: string | undefined): Promise<string | null> {
  const free = dataDir === undefined ? Infinity : await freeBytes(dataDir);
  if (free < FULL_BELOW_BYTES) return `is full: ${Math.floor(free / 1e6)} MB are left for DATA_DIR`;
  try {
    await db.transaction(async (manager) => {
      await rows(manager, LITTLE_MEMORY);
      await rows(manager, PROBE);
    });
    return null;
  } catch (error) {
    // TypeORM wraps the driver's error. Every other fault is one of the database, which the first check names.
    const cause = (error as { driverError?: unknown }).driverError ?? error;
    return codeOf(cause) === DISK_FULL ? "is full: the database cannot write" : null;
  }
}

/** Shares one run, and its result for `ms` milliseconds, among all callers. */
function atMostEvery<T>(ms: number, run: () => Promise<T>): () => Promise<T> {
  let last: { at: number; result: Promise<T> } | undefined;
  return () => {
    if (!last || performance.now() - last.at > ms) last = { at: performance.now(), result: run() };
    return last.result;
  };
}
