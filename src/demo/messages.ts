import type { Temporal } from "temporal-polyfill";
import { formatMoney } from "../domain/core/money.ts";
import { offers } from "./technicians.ts";
import type { DemoJob } from "./jobs.ts";
import * as texts from "./message-texts.ts";
import { type Random, seeded } from "./random.ts";
import { dayOf, makeConversation, fillPlaceholders, type Conversation, timeOf } from "./conversation.ts";
import type { PlannedVisit } from "./visits.ts";

/** Working days after which a visit gets complaints and price questions; a recent one could leave them open. */
const SETTLED_AFTER = 6;

/** The message templates of the business. */
export function* templateJobs(at: Date): Generator<DemoJob> {
  for (const [channel, template] of Object.entries(texts.TEMPLATES)) {
    const data = () => ({ channel, ...template });
    yield { key: `template-${template.name}`, action: "template.create", data, at };
  }
}

interface VisitContext {
  visit: PlannedVisit;
  conversation: Conversation;
  random: Random;
}

/** Messages about a visit. Most visits have none, and opted-out customers get none. */
export function visitMessages(visit: PlannedVisit): DemoJob[] {
  const { person, member, key, start } = visit;
  if (person.contact["do_not_contact"]) return [];
  const [technician = member.name] = member.name.split(" ");
  const day = dayOf(start);
  const conversation = makeConversation(person, {
    about: key,
    title: `Visit on ${day}`,
    values: { day, time: timeOf(start), technician },
  });
  const about = { visit, conversation, random: seeded(visit.seed) };
  return [...bookingMessages(about), ...OUTCOME_MESSAGES[visit.outcome](about)];
}

/** Written confirmations; customers who book by phone need none. */
function* bookingMessages({ visit, conversation, random }: VisitContext): Generator<DemoJob> {
  const { person, lines, slot, booked } = visit;
  const at = booked.add({ minutes: random.between(3, 45) });
  if (person.channel === null) {
    if (random.chance(0.1)) yield* conversation.receive("call", at, random.pick(texts.BOOKING_CALLS));
    return;
  }
  if (!random.chance(0.25)) return;
  const work = lines.map(({ offer }) => offer.service.name).join("; ");
  const length = slot.minutes % 60 === 0 ? `${slot.minutes / 60} hours` : `${slot.minutes} minutes`;
  const template = texts.TEMPLATES[person.channel].name;
  yield* conversation.sendTemplate("confirmed", at, { template, values: { work, length } });
  if (!random.chance(0.4)) return;
  const replies = person.company ? texts.COMPANY_CONFIRMED_REPLIES : texts.CONFIRMED_REPLIES;
  const open = visit.outcome === "booked" && random.chance(0.4); // A request that is still unanswered.
  yield* conversation.receive(
    "reply",
    at.add({ minutes: random.between(10, 240) }),
    random.pick(open ? texts.REQUESTS : replies),
  );
}

const OUTCOME_MESSAGES: Record<PlannedVisit["outcome"], (about: VisitContext) => Iterable<DemoJob>> = {
  booked: () => [],
  cancelled: cancellationMessages,
  no_show: noShowMessages,
  completed: followUpMessages,
};

function* cancellationMessages({ visit, conversation, random }: VisitContext): Generator<DemoJob> {
  const messages = texts.CALLED_OFF[visit.reason ?? ""];
  if (!messages) throw new Error(`There are no messages for the cancel reason ${visit.reason}.`);
  const cancelled = visit.start.subtract({ days: 1 });
  const theirs = visit.person.company ? messages.company : messages.theirs;
  if (theirs !== null)
    yield* conversation.receive("called-off", cancelled.subtract({ minutes: random.between(5, 50) }), theirs);
  yield* conversation.send("taken-off", cancelled.add({ minutes: random.between(5, 60) }), messages.ours);
}

function* noShowMessages({ visit, conversation, random }: VisitContext): Generator<DemoJob> {
  const at = visit.start.add({ minutes: random.between(25, 50) });
  yield* conversation.send("missed", at, texts.MISSED);
  if (random.chance(0.3)) return;
  const replies = visit.person.company ? texts.COMPANY_MISSED_REPLIES : texts.MISSED_REPLIES;
  yield* conversation.receive("sorry", at.add({ minutes: random.between(40, 140) }), random.pick(replies));
}

/** Praise on the same evening; complaints and price questions with their answers the next morning. */
function* followUpMessages(about: VisitContext): Generator<DemoJob> {
  const { visit, conversation, random } = about;
  const luck = random.next();
  const evening = visit.finished.add({ minutes: random.between(20, 100) });
  if (luck < 0.05) yield* conversation.receive("praise", evening, random.pick(texts.PRAISE));
  if (luck < 0.05 || visit.number > -SETTLED_AFTER) return;
  const morning = visit.finished
    .add({ days: 1 })
    .withPlainTime("09:05")
    .add({ minutes: random.between(0, 55) });
  if (luck < 0.07) yield* complaint(about, morning);
  else if (luck < 0.1) yield* priceQuestion(about, evening, morning);
}

function* complaint(
  { conversation, random }: VisitContext,
  morning: Temporal.ZonedDateTime,
): Generator<DemoJob> {
  const room = random.pick(texts.ROOMS);
  yield* conversation.receive("streaks", morning, fillPlaceholders(random.pick(texts.STREAKS), { room }));
  const answered = morning.add({ minutes: random.between(15, 90) });
  yield* conversation.send("streaks-answer", answered, fillPlaceholders(texts.STREAKS_ANSWER, { room }));
  if (random.chance(0.6))
    yield* conversation.receive("streaks-gone", answered.add({ days: 3 }), texts.STREAKS_GONE);
}

function* priceQuestion(
  { visit, conversation, random }: VisitContext,
  evening: Temporal.ZonedDateTime,
  morning: Temporal.ZonedDateTime,
): Generator<DemoJob> {
  const { offer: key, ask, answer } = random.pick(texts.PRICES);
  const offer = offers.find((each) => each.key === key);
  if (!offer) throw new Error(`There is no offer ${key} for a price question.`);
  if (visit.lines.some((line) => line.offer === offer)) return;
  const [least, most] = offer.usual;
  const count = random.between(Math.max(2, least), most + 1);
  const price = (times: number) => formatMoney(offer.service.unit_price_cents * times, "USD");
  const values = { count: String(count), price: price(1), total: price(count) };
  yield* conversation.receive("price", evening, fillPlaceholders(ask, values));
  yield* conversation.send("price-answer", morning, fillPlaceholders(answer, values));
  if (random.chance(0.5))
    yield* conversation.receive(
      "price-taken",
      morning.add({ minutes: random.between(9, 200) }),
      texts.PRICE_TAKEN,
    );
}
