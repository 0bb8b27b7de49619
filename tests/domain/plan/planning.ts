import type { DataSource } from "typeorm";
import { createPlan } from "../../../src/domain/plan/create.ts";
import { localTime } from "../../../src/domain/core/time.ts";
import { Ticket } from "../../../src/entities/ticket.ts";
import { act } from "../../support/act.ts";
import { aContact } from "../../support/factories.ts";

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
