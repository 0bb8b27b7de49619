import { z } from "zod";
import { rows } from "../../database/sql.ts";
import type { Plan } from "../../entities/plan.ts";
import { Ticket } from "../../entities/ticket.ts";
import { type Context, defineAction } from "../core/action.ts";
import { todayOf } from "../core/calendar.ts";
import { type CrmError, validationFailed } from "../core/errors.ts";
import { findOrFail, update } from "../core/records.ts";
import { dateInput } from "../core/time.ts";
import { settingsOf } from "../settings/current.ts";
import { cancelTicket } from "../ticket/cancel.ts";
import { mustNotBe } from "../ticket/states.ts";
import { answerOf, outcomeOf } from "./answer.ts";
import { nextDate } from "./due.ts";
import { planId, reason } from "./fields.ts";
import { addDays, datesBetween } from "./rule/dates.ts";
import { mustNotBeEnded } from "./states.ts";
import { fillHorizon, lockPlan } from "./visits.ts";

export const skipVisit = defineAction({
  domain: "plan",
  name: "skip",
  summary: "Skip one date of a plan: its visit is cancelled and does not come back. Requires reasoning.",
  permission: "soft_limit",
  input: z.strictObject({
    id: planId,
    date: dateInput.optional().describe("Date of the visit; default: the next one"),
    reason: reason.describe("Stored on the visit"),
  }),
  example: { id: "plan_01kb2m6x8efh5rt3zqk9w7ycd4", date: "2026-12-22", reason: "They are away." },

  undo: true,
  targets: ({ id }) => [id],
  outcome: outcomeOf,

  async handler(context, { id, date: asked, reason: why }) {
    const plan = await lockPlan(context, id);
    mustNotBeEnded(plan, "skip a date");
    const { date, ticket_id } = await dateToSkip(context, plan, asked);
    if (ticket_id !== null) {
      const ticket = await findOrFail(context.db, Ticket, ticket_id);
      mustNotBe(["in_progress", "completed", "no_show"], ticket, "be skipped");
      if (ticket.status !== "cancelled") await context.call(cancelTicket, { id: ticket_id, reason: why });
    }
    const exceptions = [...plan.exceptions, date].sort();
    await fillHorizon(context, await update(context, plan, { exceptions }));
    return answerOf(context, id);
  },
});

interface Skipped {
  /** The plan's date. */
  date: string;
  /** Null: its visit is not made yet. */
  ticket_id: string | null;
}

/** The plan's date that is meant: also by the day to which its visit was moved. */
async function dateToSkip({ db, now }: Context, plan: Plan, asked?: string): Promise<Skipped> {
  const settings = await settingsOf(db);
  const date = asked ?? (await nextDate(db, plan, { now, settings }));
  if (date === null) throw fault("is required: no date is ahead");
  const [visit] = await rows<{ id: string; plan_date: string }>(
    db,
    `SELECT id, plan_date FROM ticket WHERE plan_id = $1 AND plan_date IS NOT NULL
       AND (plan_date = $2 OR (window_start AT TIME ZONE $3)::date = $2 AND status = 'scheduled')
     ORDER BY plan_date = $2 DESC LIMIT 1`,
    [plan.id, date, settings.timezone],
  );
  const today = todayOf({ now, zone: settings.timezone }).date;
  if (date < today) throw fault(`is in the past; today is ${today}`);
  if (plan.exceptions.includes(visit?.plan_date ?? date)) throw fault(`${date} is skipped already`);
  if (visit) return { date: visit.plan_date, ticket_id: visit.id };
  if (datesBetween(plan, { from: date, to: date }).length > 0) return { date, ticket_id: null };
  throw notADate(plan, date, today);
}

const fault = (message: string, hint?: string): CrmError =>
  validationFailed([{ path: "data.date", message }], hint);

function notADate(plan: Plan, date: string, today: string): CrmError {
  const near = addDays(date, -31);
  const dates = datesBetween(plan, { from: near > today ? near : today, to: addDays(date, 62) });
  const distance = (other: string) => Math.abs(Date.parse(other) - Date.parse(date));
  const nearest = dates.sort((a, b) => distance(a) - distance(b)).slice(0, 3);
  return fault(
    `${date} is no date of this plan (${plan.repeats})`,
    nearest.length > 0
      ? `Nearest: ${nearest.sort().join(", ")}.`
      : "crm_query with type plans shows its rule.",
  );
}
