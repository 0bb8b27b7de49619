import type { DataSource } from "typeorm";
import type { Registry } from "../domain/core/registry.ts";
import { localTime } from "../domain/core/time.ts";
import { settingsOf } from "../domain/settings/current.ts";
import { rows } from "../entities/database.ts";
import type { Progress } from "../progress.ts";
import { runWithin } from "../workers/run-now.ts";
import { demoJobs } from "./customers.ts";
import type { DemoJob } from "./jobs.ts";
import { yearJobs } from "./year.ts";

/** Jobs of a stage: nobody waits for them one by one, and each commit waits for the disk. */
const AT_ONCE = 150;
/** What later jobs rest on. */
const MAKES = /\.(create|define|set|add_address|schedule)$/;

interface DemoOptions {
  now?: Date;
  /** How many weeks back the visits go; the whole year where left out. */
  weeks?: number;
  told?: Progress;
}

/** Loads the demo business as `system:demo`, each job at its own time; what is there already stays as it is. */
export async function loadDemo(
  db: DataSource,
  registry: Registry,
  { now = new Date(), weeks, told }: DemoOptions = {},
): Promise<{ jobs: number; customers: number }> {
  const { timezone } = await settingsOf(db.manager);
  const today = localTime((await begunAt(db)) ?? now, timezone).toPlainDate();
  // The guide's customers first: their visits go to the only technician that there is by then.
  const jobs = [...demoJobs(today, timezone), ...yearJobs(today, timezone, weeks)];
  const done = new Map<string, unknown>();
  const carryOut = (some: readonly DemoJob[]) =>
    db.transaction(async (manager) => {
      for (const { key, action, data, at } of some) {
        const job = { by: "demo", key, action, data: data(done), at };
        done.set(key, (await runWithin(manager, registry, job)).result);
        told?.(done.size, jobs.length);
      }
    });
  // Side by side: what a stage makes, and what becomes of that which the stage before it has made.
  for (let from = 0; from < jobs.length + AT_ONCE; from += AT_ONCE) {
    const made = jobs.slice(from, from + AT_ONCE).filter(({ action }) => MAKES.test(action));
    const earlier = jobs.slice(Math.max(0, from - AT_ONCE), from).filter(({ action }) => !MAKES.test(action));
    await Promise.all([carryOut(made), carryOut(earlier)]);
  }
  return { jobs: done.size, customers: jobs.filter(({ action }) => action === "contact.create").length };
}

/** When it was loaded first: loading goes on from that day, so that the same slots hold the same visits. */
async function begunAt(db: DataSource): Promise<Date | null> {
  const [first] = await rows<{ at: Date }>(
    db.manager,
    "SELECT finished_at AS at FROM job WHERE principal = 'system:demo' ORDER BY id LIMIT 1",
  );
  return first?.at ?? null;
}
