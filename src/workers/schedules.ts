import { rows } from "../database/sql.ts";
import type { Backend, JobQueue, JobWorker } from "../queue/index.ts";
import { mailHead, sealEvidence } from "./evidence.ts";
import { runSystemJob } from "./system-job.ts";
import { fillPlans } from "./plans.ts";
import { defineSchedule, type Schedule, type ScheduleParts } from "./schedule.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Offers that one run ends; the next run ends further ones. */
const MOST_ENDED = 200;

/** What nobody can use any more, by the database's clock. */
const EXPIRED = [
  "DELETE FROM session WHERE expires_at < clock_timestamp() OR last_seen_at < clock_timestamp() - interval '24 hours'",
  "DELETE FROM known_device WHERE expires_at < clock_timestamp()",
  "DELETE FROM attempt_count WHERE ends_at < clock_timestamp()",
  "SELECT forget_attempts()",
];

/** Removes expired sign-ins, counts of password attempts that are over, and old attempts of strangers. */
const housekeeping = defineSchedule({
  name: "housekeeping",
  everyMs: HOUR_MS,
  async run({ db }) {
    for (const sql of EXPIRED) await rows(db.manager, sql);
  },
});

/** Ends offers to people on the waitlist whose time is up. */
const offers = defineSchedule({
  name: "offers",
  everyMs: MINUTE_MS,
  async run({ db, registry, clock }) {
    const now = clock.now();
    const ended = await rows<{ id: string; offer_ends_at: Date | null }>(
      db.manager,
      `SELECT id, offer_ends_at FROM waitlist_entry WHERE state = 'offered' AND coalesce(offer_ends_at, '-infinity') <= $1
       ORDER BY id LIMIT ${MOST_ENDED}`,
      [now],
    );
    for (const { id, offer_ends_at } of ended) {
      const key = `${id} ${offer_ends_at?.toISOString() ?? "without an end"}`;
      await runSystemJob(db, registry, {
        by: "offers",
        key,
        action: "waitlist.end_offer",
        data: { id },
        at: now,
      });
    }
  },
});

/** Every schedule of the product; the names are unique. */
export const schedules: readonly Schedule[] = [housekeeping, offers, fillPlans, sealEvidence, mailHead];

/**
 * Makes BullMQ's schedulers equal to the list: adds what is missing or has another interval, removes what is not in
 * the list. Called at every sweep of the relay, because a flushed queue loses its schedulers.
 */
export async function addSchedulers(queue: JobQueue, wanted = schedules): Promise<void> {
  const present = await queue.getJobSchedulers();
  for (const { name, everyMs } of wanted) {
    const scheduler = present.find(({ key }) => key === name);
    if (scheduler?.every === undefined || Number(scheduler.every) !== everyMs)
      await queue.upsertJobScheduler(name, { every: everyMs }, { name, data: {} });
  }
  for (const { key } of present)
    if (!wanted.some(({ name }) => name === key)) await queue.removeJobScheduler(key);
}

/** Runs due schedules and records each run for the doctor and the metrics. */
export const makeScheduleWorker = (queues: Backend, parts: ScheduleParts, known = schedules): JobWorker =>
  queues.worker(
    "schedules",
    async ({ name }) => {
      const schedule = known.find((one) => one.name === name);
      if (schedule) await recordRun(schedule, parts); // An unknown name is from another version.
    },
    { concurrency: 1 },
  );

async function recordRun(schedule: Schedule, parts: ScheduleParts): Promise<void> {
  const { manager } = parts.db;
  await rows(
    manager,
    `INSERT INTO schedule_run (name, last_started_at) VALUES ($1, clock_timestamp())
     ON CONFLICT (name) DO UPDATE SET last_started_at = excluded.last_started_at`,
    [schedule.name],
  );
  try {
    await schedule.run(parts);
  } catch (error) {
    const sql = "UPDATE schedule_run SET failures = failures + 1, last_error = $2 WHERE name = $1";
    await rows(manager, sql, [schedule.name, kindOf(error)]);
    throw error; // BullMQ logs and retries.
  }
  const sql =
    "UPDATE schedule_run SET last_succeeded_at = clock_timestamp(), last_error = NULL WHERE name = $1";
  await rows(manager, sql, [schedule.name]);
}

/** The error's class and code, without its message, which may quote rows. */
function kindOf(error: unknown): string {
  const { name = "Error", code } = error as { name?: string; code?: unknown }; // Handlers throw errors.
  return typeof code === "string" ? `${name} ${code}` : name;
}
