import type { DataSource } from "typeorm";
import { createPlan } from "../../../src/domain/plan/create.ts";
import { localTime } from "../../../src/domain/core/time.ts";
import { Ticket } from "../../../src/entities/ticket.ts";
import { act } from "../../support/act.ts";
import { rows } from "../../../src/database/sql.ts";
import { aContact, withJob } from "../../support/factories.ts";

/** Plans every Tuesday at 9:00 from the day after MONDAY_9 on, for a new customer unless one is given. */
export async function makePlan(db: DataSource, asked: object = {}, now?: Date) {
  const tuesdays = { rule: "every Tuesday", time: "09:00", first_day: "2026-11-24" };
  const customer_id = "customer_id" in asked ? String(asked.customer_id) : (await aContact(db)).id;
  return act(db, createPlan, { ...tuesdays, ...asked, customer_id }, now);
}

/** The visits of a plan, by their date; without those that gave their date up. */
export const visitsOf = (db: DataSource, plan_id: string): Promise<Ticket[]> =>
  db.getRepository(Ticket).find({ where: { plan_id }, order: { plan_date: "ASC", id: "ASC" } });

/** `2026-11-24 09:00 scheduled` for each visit that has a date of the plan. */
export async function shownVisits(db: DataSource, plan_id: string): Promise<string[]> {
  const visits = (await visitsOf(db, plan_id)).filter(({ plan_date }) => plan_date !== null);
  return visits.map(
    ({ plan_date, window_start, status }) => `${plan_date} ${timeOf(window_start)} ${status}`,
  );
}

const timeOf = (at: Date | null): string =>
  at === null ? "-" : localTime(at, "America/Chicago").toPlainTime().toString({ smallestUnit: "minute" });

/** Ends what earlier tests of the file left: nobody works, no day is a holiday, no plan is active, agents removed nothing. */
export async function clearBusiness(db: DataSource): Promise<void> {
  await withJob(db, async (manager) => {
    await rows(manager, "UPDATE technician SET active = false WHERE active");
    await rows(manager, "UPDATE holiday SET archived_at = now() WHERE archived_at IS NULL");
    await rows(manager, "UPDATE service SET archived_at = now() WHERE archived_at IS NULL");
    await rows(manager, "UPDATE plan SET state = 'ended' WHERE state <> 'ended'");
  });
  await db.transaction(async (manager) => {
    await rows(manager, "SET LOCAL ROLE NONE");
    await rows(manager, "SET LOCAL session_replication_role = replica"); // A job that has ended is final.
    await rows(manager, "UPDATE job SET hits = '{}' WHERE hits <> '{}'");
  });
}
