import { z } from "zod";
import { Plan } from "../../entities/plan.ts";
import { findActiveContact } from "../contact/find-active.ts";
import { type Action, type Context, defineAction } from "../core/action.ts";
import { todayOf } from "../core/calendar.ts";
import { canonical } from "../core/canonical.ts";
import { validationFailed } from "../core/errors.ts";
import { changesSome, versionInput } from "../core/fields.ts";
import { expectVersion, readById, update } from "../core/records.ts";
import { dateInput } from "../core/time.ts";
import { settingsOf } from "../settings/current.ts";
import { lockTechnician } from "../ticket/technician-choice.ts";
import { checkVisitAddress } from "../ticket/visit-address.ts";
import { type Confirmation, TOLD } from "../message/notice.ts";
import { answerOf, type Answer, outcomeOf } from "./answer.ts";
import { lockVisitsAhead } from "./cancel-visits.ts";
import { endPlan } from "./end.ts";
import { horizonOf, nextDate } from "./due.ts";
import { planFields, planId } from "./fields.ts";
import { tellCustomer } from "./notice.ts";
import { rewriteVisits } from "./rewrite.ts";
import { readRule, repeatsInWords } from "./rule/read.ts";
import { mustNotBeEnded } from "./states.ts";
import { fillHorizon, lockForBookings, lockPlan } from "./visits.ts";
import { workOf } from "./work.ts";

const input = z
  .strictObject(planFields)
  .partial()
  .extend({
    id: planId,
    from: dateInput.optional().describe("First date that changes; default: the next one"),
    notify_customer: z.boolean().default(true).describe("Tell the customer, in one message"),
    version: versionInput,
  })
  .refine(...changesSome(planFields));

type Asked = z.output<typeof input>;

export const updatePlan = defineAction({
  domain: "plan",
  name: "update",
  summary:
    "Change a plan and its visits from a date on, and tell the customer once. Moved and skipped visits stay; a date that goes is cancelled.",
  permission: "unrestricted",
  input,
  example: { id: "plan_01kb2m6x8efh5rt3zqk9w7ycd4", time: "14:00" },

  raisedWhen:
    "soft_limit when a booked visit is cancelled, as ticket.cancel, or with an earlier end, as plan.end; many at once need a person",
  undo: true,
  targets: ({ id }) => [id],

  /** An earlier end ends the plan, only later: it is judged as that. */
  async standsFor({ db }, { id, ends_on }) {
    if (!ends_on) return [];
    const plan = await readById(db, Plan, { id });
    if (!plan || plan.state === "ended" || (plan.ends_on !== null && plan.ends_on <= ends_on)) return [];
    return [{ action: endPlan as Action, input: { id }, targets: [id], hits: [id] }]; // Judged only.
  },

  outcome: (answer: Answer & { message: Confirmation }) =>
    `${outcomeOf(answer)} ${TOLD[answer.message.status]}`,

  async handler(context, asked) {
    const { db } = context;
    const plan = await lockPlan(context, asked.id);
    expectVersion("plan", plan, asked.version);
    mustNotBeEnded(plan, "be changed");
    await findActiveContact(db, plan.customer_id);
    checkEnd(plan, asked.ends_on, await todayIn(context));
    const from = await firstChanged(context, plan, asked.from);
    await fillHorizon(context, plan, from); // What is earlier follows the plan as it was.
    const visits = plan.state === "active" ? await lockVisitsAhead(context, plan) : [];
    await lockForBookings(context, plan);
    const { values, hints } = await changesOf(context, plan, { ...asked, from });
    const before = { ...plan };
    const changed = await update(context, plan, values);
    const columns = differing(plan, values);
    const kept = await rewriteVisits(context, visits, { plan: changed, before, from, changed: columns });
    await fillHorizon(context, changed);
    const warnings: string[] = [];
    const tells = asked.notify_customer && plan.state === "active" && concernsCustomer(columns);
    const message = tells
      ? await tellCustomer(context, { plan: changed, template: "plan_changed" }, warnings)
      : NOT_TOLD;
    return { ...(await answerOf(context, plan.id, [...hints, ...kept, ...warnings])), message };
  },
});

/** The columns that really change. */
const differing = (plan: Plan, values: Partial<Plan>): Set<keyof Plan> =>
  new Set(
    (Object.keys(values) as (keyof Plan)[]) // `values` has columns of a plan only.
      .filter((column) => canonical(plan[column]) !== canonical(values[column])),
  );

const NOT_TOLD: Confirmation = { status: "none" };

const concernsCustomer = (columns: ReadonlySet<string>): boolean =>
  [...columns].some((column) => column !== "notes");

/** The date from which the plan changes: one that is booked already, or will be next. */
async function firstChanged({ db, now }: Context, plan: Plan, asked?: string): Promise<string> {
  const settings = await settingsOf(db);
  const today = await todayIn({ db, now });
  const next = (await nextDate(db, plan, { now, settings })) ?? today;
  if (asked === undefined) return next;
  const horizon = horizonOf({ now, settings });
  const latest = next > horizon ? next : horizon;
  if (asked < today) throw fault(`is in the past; today is ${today}`);
  if (asked > latest)
    throw fault(
      `is later than ${latest}, up to which visits are booked`,
      "Give an earlier date, or change the plan later. To let it end: ends_on.",
    );
  return asked;
}

const todayIn = async ({ db, now }: Pick<Context, "db" | "now">): Promise<string> =>
  todayOf({ now, zone: (await settingsOf(db)).timezone }).date;

function checkEnd({ first_day }: Plan, ends_on: string | null | undefined, today: string): void {
  if (!ends_on) return;
  const wrong = (message: string) =>
    validationFailed([{ path: "data.ends_on", message }], "To end the plan now, use plan.end.");
  if (ends_on < today) throw wrong(`is in the past; today is ${today}`);
  if (ends_on < first_day) throw wrong(`is before the first day, ${first_day}`);
}

const fault = (message: string, hint?: string) => validationFailed([{ path: "data.from", message }], hint);

/** The columns that change. A new rule counts its weeks and months from the first date that changes. */
async function changesOf(
  { db }: Context,
  plan: Plan,
  asked: Asked & { from: string },
): Promise<{ values: Partial<Plan>; hints: string[] }> {
  const { technician_id, address_id, notes, duration_minutes, services, line_items } = asked;
  if (address_id) await checkVisitAddress(db, address_id, plan.customer_id);
  const work = services || line_items ? await workOf(db, { services, line_items }) : null;
  if (technician_id) await lockTechnician(db, technician_id, work?.requiredSkills ?? []);
  const { values, hints } = recurrenceOf(plan, asked);
  const minutes = duration_minutes ?? (services ? work?.minutes : undefined);
  return {
    hints,
    values: withoutUndefined({
      ...values,
      ...{ technician_id, address_id, notes },
      ...{ duration_minutes: minutes, line_items: work?.line_items },
    }),
  };
}

function recurrenceOf(
  plan: Plan,
  { rule: asked, time, from, ends_on }: Asked & { from: string },
): { values: Partial<Plan>; hints: string[] } {
  const local_time = time ?? plan.local_time;
  const timed = time === undefined ? {} : { local_time, repeats: repeatsInWords(plan.rule, local_time) };
  if (asked === undefined) return { values: { ...timed, ...withoutUndefined({ ends_on }) }, hints: [] };
  const given = ends_on === undefined ? plan.ends_on : ends_on;
  const first_day = from > plan.first_day ? from : plan.first_day;
  const { hints, ...read } = readRule({ rule: asked, first_day, ends_on: given });
  return {
    values: { ...timed, ...read, first_day, repeats: repeatsInWords(read.rule, local_time) },
    hints,
  };
}

const withoutUndefined = <Values extends object>(values: Values): Partial<Values> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<Values>;
