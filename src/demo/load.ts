import type { DataSource } from "typeorm";
import type { Registry } from "../domain/core/registry.ts";
import { settingsOf } from "../domain/settings/current.ts";
import { runNow } from "../workers/run-now.ts";
import { demoJobs } from "./customers.ts";

/** Loads the demo business as `system:demo`, each job at its own time; what is there already stays as it is. */
export async function loadDemo(
  db: DataSource,
  registry: Registry,
  now = new Date(),
): Promise<{ jobs: number; customers: number }> {
  const { timezone } = await settingsOf(db.manager);
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: timezone, dateStyle: "short" }).format(now);
  const done = new Map<string, unknown>();
  let customers = 0;
  for (const { key, action, data, at } of demoJobs(today, timezone)) {
    done.set(key, await runNow(db, registry, { by: "demo", key, action, data: data(done), at }));
    if (action === "contact.create") customers++;
  }
  return { jobs: done.size, customers };
}
