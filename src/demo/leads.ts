import type { Temporal } from "temporal-polyfill";
import { formatMoney } from "../domain/core/money.ts";
import type { LeadTransition } from "../domain/lead/states.ts";
import { type Calendar, clock, type DemoJob, idOf, instantOf } from "./jobs.ts";
import { LEAD_ANSWERS, LEAD_INTERESTED, LEAD_LATER, LEAD_LOST, LEAD_WELCOME } from "./letters.ts";
import { emailOf, nameOf, phoneOf, streetOf } from "./people.ts";
import * as say from "./phrases.ts";
import { type Random, seeded } from "./random.ts";
import { dayOf, makeTalk, put, type Talk } from "./talk.ts";

type Step = LeadTransition | "schedule_followup";

/** What becomes of a lead, each step a day after the one before; how many do. */
const FATES: readonly { steps: readonly Step[]; count: number }[] = [
  { steps: ["contact", "schedule_followup"], count: 5 },
  { steps: ["contact", "qualify", "schedule_followup"], count: 4 },
  { steps: ["contact", "qualify", "convert"], count: 14 },
  { steps: ["contact", "lose"], count: 7 },
  { steps: ["archive"], count: 3 },
  { steps: ["lose", "reopen", "contact", "lose"], count: 1 },
];

const SEED = 555;
/** Behind the year's customers, whose names and numbers come first. */
const FIRST_PLACE = 240;

/** The two leads of the guide's briefing, and those of the year. */
export function* leadJobs(calendar: Calendar): Generator<DemoJob> {
  yield* guideLeads(calendar);
  const random = seeded(SEED);
  const fates = FATES.flatMap(({ steps, count }) => Array.from({ length: count }, () => steps));
  for (const [index, steps] of fates.entries()) yield* oneLead({ index, steps, random }, calendar);
}

function* guideLeads(calendar: Calendar): Generator<DemoJob> {
  const lead = (key: string, day: number, customer: string, said: object): DemoJob => ({
    key: `lead-${key}`,
    action: "lead.create",
    data: (done) => ({ ...said, customer_id: idOf(done, customer) }),
    at: instantOf(calendar, day, "16:10"),
  });
  yield lead("thompson", -1, "thompson", {
    name: "Mary Thompson",
    urgency: "high",
    source: "phone_call",
    raw_notes:
      "Mary Thompson called. Large home on Prairie Road, family visits soon. Wants a quote this week.",
  });
  yield lead("riverside", -2, "riverside", {
    name: "Riverside Apartments",
    source: "website",
    raw_notes: "Riverside Apartments asked for bulk pricing: 64 units, outside only, twice a year.",
  });
}

function* oneLead(
  { index, steps, random }: { index: number; steps: readonly Step[]; random: Random },
  calendar: Calendar,
): Generator<DemoJob> {
  const key = `lead-${index + 1}`;
  const place = FIRST_PLACE + index;
  const name = nameOf(place);
  const open = steps.includes("schedule_followup");
  const first = -random.between(steps.length + 2, open ? 12 : 330);
  const who = {
    name,
    phones: [{ number: phoneOf(place) }],
    emails: index % 3 > 0 ? [emailOf(name)] : [],
    source: random.pick(["phone_call", "website", "referral", "fair"]),
  };
  // Whoever is written to is kept as a customer.
  const partner = who.emails.length > 0 && steps.includes("contact") ? `${key}-customer` : null;
  const lead = {
    ...who,
    urgency: random.pick(["low", "medium", "medium", "high"]),
    raw_notes: random.pick(say.CALLS).replace("NAME", name).replace("STREET", streetOf(random)),
  };
  const at = instantOf(calendar, first, "14:20");
  if (partner) yield { key: partner, action: "contact.create", data: () => who, at };
  const data: DemoJob["data"] = (done) => ({ ...lead, ...(partner && { customer_id: idOf(done, partner) }) });
  yield { key, action: "lead.create", data, at };
  const later = calendar.today.add({ days: random.between(2, 12) });
  const lost_reason = random.pick(say.LOST_REASONS);
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
  const [greet = name] = name.split(" ");
  const values = { day: dayOf(later), lost: LEAD_LOST[lost_reason] ?? "" };
  const talk = makeTalk(
    { key: partner, channel: "email", greet },
    { about: key, title: "Your windows", values },
  );
  const answered = steps.indexOf("contact");
  for (const [number, step] of steps.entries()) {
    if (number >= answered)
      yield* besides(step, clock(calendar, first + number + 1, "11:00"), { talk, random });
  }
}

/** What is written beside a step, once we have answered. */
function besides(
  step: Step,
  at: Temporal.ZonedDateTime,
  { talk, random }: { talk: Talk; random: Random },
): DemoJob[] {
  const before = at.subtract({ minutes: random.between(15, 90) });
  const after = at.add({ minutes: random.between(5, 30) });
  const price = formatMoney(random.between(12, 40) * 1_000, "USD");
  switch (step) {
    case "contact":
      return talk.send("answer", after, put(random.pick(LEAD_ANSWERS), { price }));
    case "qualify":
      return talk.hear("interested", before, random.pick(LEAD_INTERESTED));
    case "schedule_followup":
      return talk.send("later", after, LEAD_LATER);
    case "convert":
      return talk.send("welcome", after, LEAD_WELCOME);
    case "lose":
      return talk.hear("lost", before, "{lost}");
    default:
      return [];
  }
}
