import { Contact } from "../../entities/contact.ts";
import type { Plan } from "../../entities/plan.ts";
import { Temporal } from "temporal-polyfill";
import type { Context } from "../core/action.ts";
import { findForReference } from "../core/records.ts";
import { type Confirmation, confirm } from "../message/notice.ts";
import { settingsOf } from "../settings/current.ts";
import { toldStart } from "../ticket/notice.ts";
import { upcomingVisits } from "./answer.ts";

const MOST_NAMED = 5;

/** Tells the customer once what has become of the plan, with its next visits. */
export async function tellCustomer(context: Context, plan: Plan, warnings: string[]): Promise<Confirmation> {
  const booked = (await upcomingVisits(context, plan.id)).filter(({ status }) => status === "scheduled");
  const settings = await settingsOf(context.db);
  const next = booked.slice(0, MOST_NAMED).map(({ start }) => toldStart(start, settings));
  const notice = {
    template: "plan_changed" as const,
    customer: await findForReference(context.db, Contact, plan.customer_id),
    ticketId: booked[0]?.ticket_id,
    values: { repeats: `${plan.repeats}${untilWords(plan)}`, next: next.join("\n"), first: next[0] ?? "" },
  };
  return confirm(context, notice, warnings);
}

const untilWords = ({ ends_on }: Plan): string =>
  ends_on === null
    ? ""
    : `, until ${Temporal.PlainDate.from(ends_on).toLocaleString("en-US", { dateStyle: "full" })}`;
