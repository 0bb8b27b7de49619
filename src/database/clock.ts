import type { DataSource } from "typeorm";
import { rows } from "./sql.ts";

const REFRESH_MS = 30_000;

/** How far a machine's clock may be from the database's: beyond `told` people are told, beyond `refused` no worker starts. */
export const MAX_SKEW_MS = { told: 2_000, refused: 60_000 };

/** Beyond this skew, `followDatabase` replaces the machine's time. */
const CORRECTED_MS = 1_000;

/** The machine's clock, also after `followDatabase`. */
const machineNow = Date.now.bind(Date);

export interface DatabaseClock {
  now(): Date;
  /** How far the machine's clock is ahead of the database's; negative: behind. */
  skewMs(): number;
  close(): void;
}

/**
 * The database's clock: the same time for all processes, independent of their machines' clocks. Reads it now and every
 * 30 seconds, and adds the process's monotonic time in between.
 */
export async function makeDatabaseClock(
  db: DataSource,
  onError: (error: unknown) => void,
): Promise<DatabaseClock> {
  let offsetMs = await readOffset(db);
  const timer = setInterval(() => {
    readOffset(db).then((offset) => (offsetMs = offset), onError);
  }, REFRESH_MS);
  timer.unref();
  const now = () => new Date(offsetMs + performance.now());
  return {
    now,
    skewMs: () => machineNow() - now().getTime(),
    close: () => clearInterval(timer),
  };
}

/** One reading is late by seconds where it waits for a connection or for the processor; the quickest of three is not. */
const READINGS = 3;

/** Milliseconds to add to `performance.now()`. */
async function readOffset(db: DataSource): Promise<number> {
  let best = await readOnce(db);
  for (let more = 1; more < READINGS; more++) {
    const next = await readOnce(db);
    if (next.tripMs < best.tripMs) best = next;
  }
  return best.offsetMs;
}

/** Assumes that the database read its clock half a round trip ago. */
async function readOnce(db: DataSource): Promise<{ offsetMs: number; tripMs: number }> {
  const before = performance.now();
  const [row] = await rows<{ at: Date }>(db.manager, "SELECT clock_timestamp() AS at");
  const tripMs = performance.now() - before;
  return { offsetMs: (row?.at.getTime() ?? machineNow()) - before - tripMs / 2, tripMs };
}

/**
 * Lets `Date.now()` of this process return the database's time while the machine's clock is wrong. BullMQ compares the
 * clocks of all machines: without this, a worker that is ahead runs every delayed job at once and takes running jobs from
 * others, and one that is behind runs them late. It reads `Date.now()` and takes no clock. Returns a function that undoes it.
 */
export function followDatabase({ now, skewMs }: DatabaseClock): () => void {
  const before = Date.now;
  Date.now = () => (Math.abs(skewMs()) > CORRECTED_MS ? now().getTime() : machineNow());
  return () => void (Date.now = before);
}

const UNITS = [
  { unit: "d", ms: 86_400_000 },
  { unit: "h", ms: 3_600_000 },
  { unit: "min", ms: 60_000 },
  { unit: "s", ms: 1_000 },
];

/** `10 min ahead of the database's clock` */
export function skewText(skewMs: number): string {
  const amount = Math.abs(skewMs);
  const { unit, ms } = UNITS.find((each) => amount >= 2 * each.ms) ?? { unit: "ms", ms: 1 };
  return `${Math.round(amount / ms)} ${unit} ${skewMs < 0 ? "behind" : "ahead of"} the database's clock`;
}
