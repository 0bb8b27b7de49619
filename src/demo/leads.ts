import type { Temporal } from "temporal-polyfill";
import { formatMoney } from "../domain/core/money.ts";
import type { LeadTransition } from "../domain/lead/states.ts";
import { type Calendar, localTimeOn, type DemoJob, idOf, instantOf } from "./jobs.ts";
import { LEAD_ANSWERS, LEAD_INTERESTED, LEAD_LATER, LEAD_LOST, LEAD_WELCOME } from "./message-texts.ts";
import { emailOf, nameOf, phoneOf, streetOf } from "./people.ts";
import * as samples from "./sample-data.ts";
import { type Random, seeded } from "./random.ts";
import { dayOf, makeConversation, fillPlaceholders, type Conversation } from "./conversation.ts";

type Step = LeadTransition | "schedule_followup";

/** Courses of a lead, one step per day, and how many leads take each. */
const OUTCOMES: readonly { steps: readonly Step[]; count: number }[] = [
  { steps: ["contact", "schedule_followup"], count: 5 },
  { steps: ["contact", "qualify", "schedule_followup"], count: 4 },
  { steps: ["contact", "qualify", "convert"], count: 14 },
  { steps: ["contact", "lose"], count: 7 },
  { steps: ["archive"], count: 3 },
  { steps: ["lose", "reopen", "contact", "lose"], count: 1 },
];

const SEED = 555;
/** First index for names and phone numbers; the customers use the lower ones. */
const FIRST_INDEX = 240;

/** The two leads of the guide's briefing, and the generated ones. */
export function* leadJobs(calendar: Calendar): Generator<DemoJob> {
  yield* guideLeads(calendar);
  const random = seeded(SEED);
  const courses = OUTCOMES.flatMap(({ steps, count }) => Array.from({ length: count }, () => steps));
  for (const [index, steps] of courses.entries()) yield* jobsOfLead({ index, steps, random }, calendar);
}

function* guideLeads(calendar: Calendar): Generator<DemoJob> {
  const lead = (customer: string, day: number, input: object): DemoJob => ({
    key: `lead-${customer}`,
    action: "lead.create",
    data: (done) => ({ ...input, customer_id: idOf(done, customer) }),
    at: instantOf(calendar, day, "16:10"),
  });
  yield lead("thompson", -1, {
    name: "Mary Thompson",
    urgency: "high",
    source: "phone_call",
    raw_notes:
      "Mary Thompson called. Large home on Prairie Road, family visits soon. Wants a quote this week.",
  });
  yield lead("riverside", -2, {
    name: "Riverside Apartments",
    source: "website",
    raw_notes: "Riverside Apartments asked for bulk pricing: 64 units, outside only, twice a year.",
  });
}

function* jobsOfLead(
  { index, steps, random }: { index: number; steps: readonly Step[]; random: Random },
  calendar: Calendar,
): Generator<DemoJob> {
  const key = `lead-${index + 1}`;
  const place = FIRST_INDEX + index;
  const name = nameOf(place);
  const open = steps.includes("schedule_followup");
  const first = -random.between(steps.length + 2, open ? 12 : 330);
  const who = {
    name,
    phones: [{ number: phoneOf(place) }],
    emails: index % 3 > 0 ? [emailOf(name)] : [],
    source: random.pick(["phone_call", "website", "referral", "fair"]),
  };
  // Messages need a customer, so a lead that gets one is also a contact.
  const partner = who.emails.length > 0 && steps.includes("contact") ? `${key}-customer` : null;
  const lead = {
    ...who,
    urgency: random.pick(["low", "medium", "medium", "high"]),
    raw_notes: random.pick(samples.CALLS).replace("NAME", name).replace("STREET", streetOf(random)),
  };
  const at = instantOf(calendar, first, "14:20");
  if (partner) yield { key: partner, action: "contact.create", data: () => who, at };
  const data: DemoJob["data"] = (done) => ({ ...lead, ...(partner && { customer_id: idOf(done, partner) }) });
  yield { key, action: "lead.create", data, at };
  const later = calendar.today.add({ days: random.between(2, 12) });
  const lost_reason = random.pick(samples.LOST_REASONS);
  const more: Partial<Record<Step, object>> = {
    lose: { lost_reason },
    schedule_followup: { at: later.toString() },
  };
  for (const [number, step] of steps.entries()) {
    yield {
      key: `${key}-${number + 1}-${step}`,
      action: `lead.${step}`,
      data: (done) => ({ id: idOf(done, key), ...more[step] }),
      at: instantOf(calendar, first + number + 1, "11:00"),
    };
  }
  if (!partner) return;
  const [salutation = name] = name.split(" ");
  const values = { day: dayOf(later), lost: LEAD_LOST[lost_reason] ?? "" };
  const conversation = makeConversation(
    { key: partner, channel: "email", salutation },
    { about: key, title: "Your windows", values },
  );
  const answered = steps.indexOf("contact");
  for (const [number, step] of steps.entries()) {
    if (number >= answered)
      yield* messagesFor(step, localTimeOn(calendar, first + number + 1, "11:00"), { conversation, random });
  }
}

/** Messages that accompany a step after the first contact. */
function messagesFor(
  step: Step,
  at: Temporal.ZonedDateTime,
  { conversation, random }: { conversation: Conversation; random: Random },
): DemoJob[] {
  const before = at.subtract({ minutes: random.between(15, 90) });
  const after = at.add({ minutes: random.between(5, 30) });
  const price = formatMoney(random.between(12, 40) * 1_000, "USD");
  switch (step) {
    case "contact":
      return conversation.send("answer", after, fillPlaceholders(random.pick(LEAD_ANSWERS), { price }));
    case "qualify":
      return conversation.receive("interested", before, random.pick(LEAD_INTERESTED));
    case "schedule_followup":
      return conversation.send("later", after, LEAD_LATER);
    case "convert":
      return conversation.send("welcome", after, LEAD_WELCOME);
    case "lose":
      return conversation.receive("lost", before, "{lost}");
    default:
      return [];
  }
}
