import { IsNull, Not } from "typeorm";
import { z } from "zod";
import { Technician } from "../../entities/technician.ts";
import { Plan } from "../../entities/plan.ts";
import { findActiveContact } from "../contact/find-active.ts";
import { type Context, defineAction } from "../core/action.ts";
import { isTooFarAhead, todayOf, TOO_FAR_AHEAD } from "../core/calendar.ts";
import { conflict, validationFailed } from "../core/errors.ts";
import { idOf } from "../core/ids.ts";
import { findForReference, insert } from "../core/records.ts";
import { dateInput, instantIn } from "../core/time.ts";
import { lockCustomer } from "../ticket/lock-customer.ts";
import { settingsOf } from "../settings/current.ts";
import { type Confirmation, TOLD } from "../message/notice.ts";
import { lockTechnician } from "../ticket/technician-choice.ts";
import { checkVisitAddress } from "../ticket/visit-address.ts";
import { type Answer, answerOf, outcomeOf } from "./answer.ts";
import { planFields } from "./fields.ts";
import { tellCustomer } from "./notice.ts";
import { readRule, repeatsInWords } from "./rule/read.ts";
import { fillHorizon, lockForBookings } from "./visits.ts";
import { workOf } from "./work.ts";

const { rule, time, services, line_items, ...optional } = planFields;

export const createPlan = defineAction({
  domain: "plan",
  name: "create",
  summary:
    "Plan recurring visits: which dates, what time, what work. Books them ahead at once; one that nobody can take waits for a time.",
  permission: "unrestricted",
  input: z.strictObject({
    customer_id: idOf("contact").describe("Customer the visits are for"),
    rule,
    time,
    first_day: dateInput.describe("No visit is earlier: 2026-12-01, next Monday"),
    services: services.optional(),
    line_items: line_items.optional(),
    ...z.strictObject(optional).partial().shape,
    notify_customer: z
      .boolean()
      .default(false)
      .describe("Tell the customer, in one message with the next visits"),
    allow_duplicate: z.boolean().default(false).describe("Insist on a second equal plan of this customer"),
  }),
  example: {
    customer_id: "contact_01kb2m6x8efh5rt3zqk9w7ycd4",
    rule: "every other Tuesday",
    time: "09:00",
    first_day: "2026-12-01",
    line_items: [{ description: "Window cleaning", unit_price_cents: 9_000 }],
  },

  undo: true,
  targets: ({ customer_id }) => [customer_id],
  outcome: (answer: Answer & { message?: Confirmation }) =>
    answer.message ? `${outcomeOf(answer)} ${TOLD[answer.message.status]}` : outcomeOf(answer),

  async handler(context, { rule: asked, time: local_time, notify_customer, allow_duplicate, ...input }) {
    const { db } = context;
    await findActiveContact(db, input.customer_id);
    await checkFirstDay(context, input.first_day);
    if (input.address_id) await checkVisitAddress(db, input.address_id, input.customer_id);
    const { hints, ...read } = readRule({ ...input, rule: asked, ends_on: input.ends_on ?? null });
    if (!allow_duplicate) await mustBeTheOnlyPlan(context, { ...input, rule: read.rule, local_time });
    const { services: named, line_items: lines, technician_id, ...values } = input;
    const work = await workOf(db, { services: named, line_items: lines });
    if (technician_id) await findForReference(db, Technician, technician_id);
    const plan = await insert(context, Plan, {
      ...values,
      ...read,
      ...{ local_time, technician_id, line_items: work.line_items },
      repeats: repeatsInWords(read.rule, local_time),
      duration_minutes: values.duration_minutes ?? work.minutes,
    });
    if (technician_id) {
      await lockForBookings(context, plan);
      await lockTechnician(db, technician_id, work.requiredSkills);
    }
    await fillHorizon(context, plan);
    const warnings: string[] = [];
    const message = notify_customer
      ? await tellCustomer(context, { plan, template: "plan_confirmation" }, warnings)
      : null;
    return { ...(await answerOf(context, plan.id, [...hints, ...warnings])), ...(message && { message }) };
  },
});

type Recurrence = Pick<Plan, "customer_id" | "rule" | "local_time"> & {
  address_id?: string | null | undefined;
};

/**
 * Throws `conflict` if the customer has an equal plan already: the request may have been sent twice. A plan without an
 * address may be for any of theirs. Of two equal requests at once, the second waits for the first.
 */
async function mustBeTheOnlyPlan(
  { db }: Context,
  { customer_id, address_id, rule, local_time }: Recurrence,
): Promise<void> {
  await lockCustomer(db, customer_id);
  const equal = { customer_id, rule, local_time, state: Not("ended" as const) };
  const [other] = await db.find(Plan, {
    where: address_id ? [IsNull(), address_id].map((where) => ({ ...equal, address_id: where })) : equal,
    order: { id: "ASC" },
    take: 1,
  });
  if (!other) return;
  throw conflict(
    `They have an equal plan already: ${other.id} (${other.repeats}).`,
    "Ask whether they want a second one; then send it again with allow_duplicate: true. To change the first one, use plan.update.",
    { plan_id: other.id },
  );
}

async function checkFirstDay({ db, now }: Context, day: string): Promise<void> {
  const { timezone: zone } = await settingsOf(db);
  const today = todayOf({ now, zone }).date;
  const fault = (message: string) => validationFailed([{ path: "data.first_day", message }]);
  if (day < today) throw fault(`is in the past; today is ${today}`);
  if (isTooFarAhead(instantIn(zone, `${day}T12:00`), { now, zone })) throw fault(TOO_FAR_AHEAD);
}
