import { Contact } from "../../entities/contact.ts";
import type { Plan } from "../../entities/plan.ts";
import { Temporal } from "temporal-polyfill";
import { rows } from "../../database/sql.ts";
import type { Context } from "../core/action.ts";
import { findForReference } from "../core/records.ts";
import { type Confirmation, confirm, type Notice } from "../message/notice.ts";
import { settingsOf } from "../settings/current.ts";
import { toldStart } from "../ticket/notice.ts";
import { type PlannedVisit, upcomingVisits } from "./answer.ts";

const MOST_NAMED = 5;

interface Told {
  plan: Plan;
  template: Extract<Notice["template"], `plan_${string}`>;
}

/** Tells the customer once what the plan is now, with its next visits and a link to each. */
export async function tellCustomer(
  context: Context,
  { plan, template }: Told,
  warnings: string[],
): Promise<Confirmation> {
  const booked = (await upcomingVisits(context, plan.id)).filter(({ status }) => status === "scheduled");
  const settings = await settingsOf(context.db);
  const named = booked.slice(0, MOST_NAMED);
  const links = await linksTo(context, named);
  const next = named.map(
    ({ ticket_id, start }) => `${toldStart(start, settings)}\n${links.get(ticket_id) ?? ""}`,
  );
  const first = named[0] ? toldStart(named[0].start, settings) : "";
  const notice = {
    template,
    customer: await findForReference(context.db, Contact, plan.customer_id),
    ticketId: named[0]?.ticket_id,
    values: { repeats: `${plan.repeats}${untilWords(plan)}`, next: next.join("\n"), first },
  };
  return confirm(context, notice, warnings);
}

/** The customer's links by the visits' ids. They are for the customer only: no answer to a caller has them. */
async function linksTo(
  { db, publicUrl }: Context,
  visits: readonly PlannedVisit[],
): Promise<Map<string, string>> {
  const found = await rows<{ id: string; visit_token: string }>(
    db,
    "SELECT id, visit_token FROM ticket WHERE id = ANY ($1)",
    [visits.map(({ ticket_id }) => ticket_id)],
  );
  return new Map(found.map(({ id, visit_token }) => [id, `${publicUrl}/visit/${visit_token}`]));
}

const untilWords = ({ ends_on }: Plan): string =>
  ends_on === null
    ? ""
    : `, until ${Temporal.PlainDate.from(ends_on).toLocaleString("en-US", { dateStyle: "full" })}`;
