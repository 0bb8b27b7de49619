import { type DataSource, IsNull } from "typeorm";
import { Plan } from "../entities/plan.ts";
import { missingDates } from "../domain/plan/due.ts";
import { canBookWaiting } from "../domain/plan/visits.ts";
import { settingsOf } from "../domain/settings/current.ts";
import { defineSchedule, type ScheduleParts } from "./schedule.ts";
import { runSystemJob } from "./system-job.ts";

const QUARTER_HOUR_MS = 900_000;

/**
 * Keeps the horizon of every active plan filled, and books visits that wait for a time once somebody can go. One job for each plan that lacks visits, under a key that says for which
 * version of the plan and up to which date: two workers, or one that was killed, make each visit once. A plan that fails does
 * not hold up the others.
 */
export const fillPlans = defineSchedule({
  name: "plans",
  everyMs: QUARTER_HOUR_MS,
  async run(parts) {
    const active = { state: "active", customer: { archived_at: IsNull() } } as const;
    const plans = await parts.db.manager.find(Plan, { where: active, order: { id: "ASC" } });
    const faults: unknown[] = [];
    for (const plan of plans) await fill(parts, plan).catch((error: unknown) => faults.push(error));
    if (faults.length > 0) throw faults[0];
  },
});

/** A key for the booking of visits that have waited for a time; undefined where nobody can go yet. */
const waitingKey = (db: DataSource, plan: Plan, now: Date): Promise<string | undefined> =>
  db.transaction(async (within) =>
    (await canBookWaiting(within, plan, now)) ? `waiting:${Math.floor(+now / QUARTER_HOUR_MS)}` : undefined,
  );

async function fill({ db, registry, clock }: ScheduleParts, plan: Plan): Promise<void> {
  const now = clock.now();
  const missing = await missingDates(db.manager, plan, { now, settings: await settingsOf(db.manager) });
  const last = missing.at(-1) ?? (await waitingKey(db, plan, now));
  if (last === undefined) return;
  await runSystemJob(db, registry, {
    by: "plans",
    key: `${plan.id}:${plan.version}:${last}`,
    action: "plan.fill",
    data: { id: plan.id },
    at: now,
  });
}
