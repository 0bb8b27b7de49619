import { availableParallelism } from "node:os";
import pg from "pg";
import type { DataSource } from "typeorm";
import { connect } from "../src/database/data-source.ts";
import { readSnapshot } from "../src/database/read.ts";
import { rows } from "../src/database/sql.ts";
import { addMinutes, instantIn } from "../src/domain/core/time.ts";
import { availabilityInput } from "../src/domain/workflow/availability-input.ts";
import { findAvailability } from "../src/domain/workflow/find-availability.ts";
import { aContact, anAddress, aTechnician, theSettings } from "../tests/support/factories.ts";
import { withEnvironment } from "./environment.ts";
import { percentile, rounded } from "./load.ts";

const TECHNICIANS = 50;
const BOOKINGS = 10_000;
const CALLS = 200;
const MINUTES = 90;
const P99_MS = 50;
const ZONE = "America/Chicago";
const NOW = new Date("2026-01-05T12:00:00Z"); // A Monday.
const TRAVEL_MINUTES = 15;
const STEP_MINUTES = 30;
const WARM_UP = 20;
/** Working days with bookings: five visits of 75 minutes on each, every 100 minutes from 8:00. */
const DAYS = BOOKINGS / TECHNICIANS / 5;

interface Figures {
  p50_ms: number;
  p99_ms: number;
}

export interface AvailabilityResults {
  technicians: number;
  bookings: number;
  machine: { cores: number; node: string; platform: string };
  ours: Figures;
  plain: Figures;
  /** p99 of the plain loop divided by ours. */
  ratio: number;
  wants: string;
  met: boolean;
}

/** `find_availability` of one day, beside a loop that asks the database for each technician and compares each start. */
export const benchAvailability = (onStep: (what: string) => void): Promise<AvailabilityResults> =>
  withEnvironment("postgres", async ({ place }) => {
    const { databaseUrl, drop } = await place();
    const db = await connect(databaseUrl);
    try {
      onStep(`${BOOKINGS} bookings`);
      await seed(db, databaseUrl);
      onStep("calls");
      const [ours, plain] = await measure(db);
      return {
        ...{ technicians: TECHNICIANS, bookings: BOOKINGS, ours, plain },
        machine: { cores: availableParallelism(), node: process.version, platform: process.platform },
        ratio: rounded(plain.p99_ms / ours.p99_ms),
        wants: `p99 below ${P99_MS} ms`,
        met: ours.p99_ms < P99_MS,
      };
    } finally {
      await db.destroy();
      await drop();
    }
  });

/** As the owner and without triggers: the search index of one customer grows with each visit. */
async function seed(db: DataSource, databaseUrl: string): Promise<void> {
  await theSettings(db, { timezone: ZONE, travel_buffer_minutes: TRAVEL_MINUTES });
  const { id: customer_id } = await aContact(db, { name: "Busy Customer" });
  const { id: address_id } = await anAddress(db, { contact_id: customer_id });
  for (let nth = 1; nth <= TECHNICIANS; nth++) await aTechnician(db, { name: `Technician ${nth}` });
  const client = new pg.Client(databaseUrl);
  await client.connect();
  await client.query("SET session_replication_role = replica");
  await client.query(
    `INSERT INTO ticket (id, customer_id, address_id, technician_id, status, window_start, window_end, during, duration_minutes)
     SELECT 'ticket_' || lpad(row_number() OVER ()::text, 26, '0'), $1, $2, t.id, 'scheduled', at, at + interval '75 min',
       tstzrange(at, at + interval '75 min' + make_interval(mins => $3)), 75
     FROM technician t, (SELECT day FROM generate_series('2026-01-06'::date, '2026-12-31', '1 day') day
         WHERE extract(isodow FROM day) < 6 LIMIT $4) days,
       generate_series(0, 4) visit,
       LATERAL (SELECT (day + make_interval(hours => 8, mins => visit * 100)) AT TIME ZONE $5 AS at) starts`,
    [customer_id, address_id, TRAVEL_MINUTES, DAYS, ZONE],
  );
  await client.query("ANALYZE");
  await client.end();
}

/** The same days for both; the first calls warm up. */
async function measure(db: DataSource): Promise<[Figures, Figures]> {
  const times: [number[], number[]] = [[], []];
  for (let nth = 0; nth < CALLS + WARM_UP; nth++) {
    const date = dayAt(nth);
    const found = [await timed(() => ours(db, date)), await timed(() => plain(db, date))] as const;
    const [first, other] = found.map(({ starts }) => [...starts].sort().join());
    if (first !== other) throw new Error(`${date}: the two differ: ${first} and ${other}`);
    if (nth >= WARM_UP) found.forEach(({ ms }, at) => times[at]?.push(ms));
  }
  return [figuresOf(times[0]), figuresOf(times[1])];
}

const figuresOf = (times: readonly number[]): Figures => ({
  p50_ms: rounded(percentile(times, 50)),
  p99_ms: rounded(percentile(times, 99)),
});

async function timed(work: () => Promise<string[]>): Promise<{ ms: number; starts: string[] }> {
  const began = performance.now();
  const starts = await work();
  return { ms: performance.now() - began, starts };
}

/** A working day with bookings. */
const dayAt = (nth: number): string =>
  new Date(Date.UTC(2026, 0, 6 + 7 * (nth % (DAYS / 5)) + (Math.floor(nth / 8) % 4)))
    .toISOString()
    .slice(0, 10);

async function ours(db: DataSource, date: string): Promise<string[]> {
  const input = availabilityInput.parse({ date, duration_minutes: MINUTES, postal_code: "53703", limit: 20 });
  const { slots } = await readSnapshot(db, {}, (snapshot) => findAvailability(snapshot, input, NOW));
  return slots.map(({ window_start }) => window_start.toISOString());
}

/** One question for each technician, and each start beside each visit. Without ranks, travel, time off and holidays. */
async function plain(db: DataSource, date: string): Promise<string[]> {
  const [opens, closes] = [instantIn(ZONE, `${date}T08:00`), instantIn(ZONE, `${date}T17:00`)];
  const found = new Set<string>();
  for (const { id } of await rows<{ id: string }>(db.manager, "SELECT id FROM technician WHERE active")) {
    const busy = await rows<{ from: Date; to: Date }>(
      db.manager,
      `SELECT lower(during) AS "from", upper(during) AS "to" FROM ticket
       WHERE technician_id = $1 AND status IN ('scheduled', 'in_progress') AND during && tstzrange($2, $3)`,
      [id, opens, closes],
    );
    for (let at = opens; addMinutes(at, MINUTES) <= closes; at = addMinutes(at, STEP_MINUTES)) {
      const until = addMinutes(at, MINUTES + TRAVEL_MINUTES);
      if (busy.every(({ from, to }) => to <= at || until <= from)) found.add(at.toISOString());
    }
  }
  return [...found];
}

export function availabilityReport({ ours: ms, plain: loop, ...results }: AvailabilityResults): string {
  const line = (name: string, { p50_ms, p99_ms }: Figures) =>
    `${name.padEnd(28)} p50 ${p50_ms} ms, p99 ${p99_ms} ms`;
  return [
    `${results.technicians} technicians, ${results.bookings} bookings, ${CALLS} calls`,
    line("find_availability", ms),
    line("a loop over technicians", loop),
    `p99 of the loop is ${results.ratio} times ours; wanted: ${results.wants}: ${results.met ? "met" : "MISSED"}`,
    "",
  ].join("\n");
}
