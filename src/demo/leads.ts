import type { LeadTransition } from "../domain/lead/states.ts";
import { type Calendar, type DemoJob, idOf, instantOf } from "./jobs.ts";
import { emailOf, nameOf, phoneOf, streetOf } from "./people.ts";
import * as say from "./phrases.ts";
import { type Random, seeded } from "./random.ts";

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
  const lead = {
    name,
    phones: [{ number: phoneOf(place) }],
    ...(index % 3 > 0 && { emails: [emailOf(name)] }),
    source: random.pick(["phone_call", "website", "referral", "fair"]),
    urgency: random.pick(["low", "medium", "medium", "high"]),
    raw_notes: random.pick(say.CALLS).replace("NAME", name).replace("STREET", streetOf(random)),
  };
  yield {
    key,
    action: "lead.create",
    data: () => lead,
    at: instantOf(calendar, first, "14:20"),
  };
  const follow_up = calendar.today.add({ days: random.between(2, 12) }).toString();
  const more: Partial<Record<Step, object>> = {
    lose: { lost_reason: random.pick(say.LOST_REASONS) },
    schedule_followup: { at: follow_up },
  };
  for (const [at, step] of steps.entries()) {
    yield {
      key: `${key}-${at + 1}-${step}`,
      action: `lead.${step}`,
      data: (done) => ({ id: idOf(done, key), ...more[step] }),
      at: instantOf(calendar, first + at + 1, "11:00"),
    };
  }
}
