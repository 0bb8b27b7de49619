import type { DataSource } from "typeorm";
import type { Registry } from "../domain/core/registry.ts";
import { localTime } from "../domain/core/time.ts";
import { settingsOf } from "../domain/settings/current.ts";
import { rows } from "../database/sql.ts";
import type { Progress } from "../database/progress.ts";
import { runSystemJobWithin } from "../workers/system-job.ts";
import { offerJobs } from "./ahead.ts";
import { demoJobs } from "./customers.ts";
import type { DemoJob } from "./jobs.ts";
import { yearJobs } from "./year.ts";

/** Jobs per transaction: every commit waits for the disk. */
const BATCH_SIZE = 150;

/** Actions whose results later jobs refer to. */
const CREATES = /^settings\.|\.(create|define|set|add|add_address|schedule|schedule_appointment|offer)$/;

interface DemoOptions {
  now: Date;
  /** Base of links in messages. */
  publicUrl?: string | undefined;
  /** Weeks of visits to load; default: the whole year. */
  weeks?: number;
  progress?: Progress;
}

/** Loads the demo business as `system:demo`, each job with its own time. Jobs that were loaded before are skipped. */
export async function loadDemo(
  db: DataSource,
  registry: Registry,
  { now, publicUrl, weeks, progress }: DemoOptions,
): Promise<{ jobs: number; customers: number }> {
  const { timezone } = await settingsOf(db.manager);
  const today = localTime((await firstLoadedAt(db)) ?? now, timezone).toPlainDate();
  // The guide's customers come first: their visits are assigned to the only technician, whom the first start added.
  const year = yearJobs(today, timezone, weeks);
  const waiting = year.find(({ action }) => action === "waitlist.add")?.key;
  const jobs = [
    ...((await mayChangeSettings(db)) ? [travelTime(now)] : []),
    ...demoJobs(today, timezone),
    ...year,
    ...offerJobs(waiting, { today, zone: timezone }, now),
  ];
  const done = new Map<string, unknown>();
  const run = (batch: readonly DemoJob[]) =>
    db.transaction(async (manager) => {
      for (const { key, action, data, at } of batch) {
        const job = { by: "demo", key, action, data: data(done), at, publicUrl };
        done.set(key, (await runSystemJobWithin(manager, registry, job)).result);
        progress?.(done.size, jobs.length);
      }
    });
  // Two transactions at a time: one creates this batch's records, the other continues with those of the previous batch.
  for (let from = 0; from < jobs.length + BATCH_SIZE; from += BATCH_SIZE) {
    const creating = jobs.slice(from, from + BATCH_SIZE).filter(({ action }) => CREATES.test(action));
    const following = jobs
      .slice(Math.max(0, from - BATCH_SIZE), from)
      .filter(({ action }) => !CREATES.test(action));
    await Promise.all([run(creating), run(following)]);
  }
  return { jobs: done.size, customers: jobs.filter(({ action }) => action === "contact.create").length };
}

/** Somebody's own settings stay as they are. Where the demo has changed them before, its job is known and skipped. */
async function mayChangeSettings(db: DataSource): Promise<boolean> {
  const { version } = await settingsOf(db.manager);
  const known = "SELECT FROM job WHERE principal = 'system:demo' AND idempotency_key = 'settings'";
  return version === 1 || (await rows(db.manager, known)).length > 0;
}

/** The business drives half an hour between visits. */
const travelTime = (at: Date): DemoJob => ({
  key: "settings",
  action: "settings.update",
  data: () => ({ travel_buffer_minutes: 30 }),
  at,
});

/** Time of the first load. Later loads use that day as today, so that the same slots get the same visits. */
async function firstLoadedAt(db: DataSource): Promise<Date | null> {
  const [first] = await rows<{ at: Date }>(
    db.manager,
    "SELECT finished_at AS at FROM job WHERE principal = 'system:demo' ORDER BY id LIMIT 1",
  );
  return first?.at ?? null;
}
