import type { Temporal } from "temporal-polyfill";
import { formatMoney } from "../domain/core/money.ts";
import { offers } from "./crew.ts";
import type { DemoJob } from "./jobs.ts";
import * as say from "./letters.ts";
import { type Random, seeded } from "./random.ts";
import { dayOf, makeTalk, put, type Talk, timeOf } from "./talk.ts";
import type { PlannedVisit } from "./visits.ts";

/** Working days after which everything about a visit has been said. */
const LONG_AGO = 6;

/** What the business writes by. */
export function* templateJobs(at: Date): Generator<DemoJob> {
  for (const [channel, template] of Object.entries(say.TEMPLATES)) {
    const data = () => ({ channel, ...template });
    yield { key: `template-${template.name}`, action: "template.create", data, at };
  }
}

interface About {
  visit: PlannedVisit;
  talk: Talk;
  random: Random;
}

/** What is said about a visit, from its booking on: about most of them nothing, with some customers never. */
export function visitMessages(visit: PlannedVisit): DemoJob[] {
  const { person, member, key, start } = visit;
  if (person.contact["do_not_contact"]) return [];
  const [technician = member.name] = member.name.split(" ");
  const day = dayOf(start);
  const talk = makeTalk(person, {
    about: key,
    title: `Visit on ${day}`,
    values: { day, time: timeOf(start), technician },
  });
  const about = { visit, talk, random: seeded(visit.seed) };
  return [...booking(about), ...ENDS[visit.end](about)];
}

/** Confirmed in writing where they like it so; who has booked by phone has heard it there. */
function* booking({ visit, talk, random }: About): Generator<DemoJob> {
  const { person, lines, slot, booked } = visit;
  const at = booked.add({ minutes: random.between(3, 45) });
  if (person.channel === null) {
    if (random.chance(0.1)) yield* talk.hear("call", at, random.pick(say.BOOKING_CALLS));
    return;
  }
  if (!random.chance(0.25)) return;
  const work = lines.map(({ offer }) => offer.service.name).join("; ");
  const length = slot.minutes % 60 === 0 ? `${slot.minutes / 60} hours` : `${slot.minutes} minutes`;
  const template = say.TEMPLATES[person.channel].name;
  yield* talk.fill("confirmed", at, { template, values: { work, length } });
  if (!random.chance(0.4)) return;
  const replies = person.company ? say.COMPANY_CONFIRMED_REPLIES : say.CONFIRMED_REPLIES;
  const open = visit.end === "booked" && random.chance(0.4); // Nobody has answered yet.
  yield* talk.hear(
    "reply",
    at.add({ minutes: random.between(10, 240) }),
    random.pick(open ? say.WISHES : replies),
  );
}

const ENDS: Record<PlannedVisit["end"], (about: About) => Iterable<DemoJob>> = {
  booked: () => [],
  cancelled: callingOff,
  no_show: missing,
  completed: afterwards,
};

function* callingOff({ visit, talk, random }: About): Generator<DemoJob> {
  const said = say.CALLED_OFF[visit.reason ?? ""];
  if (!said) throw new Error(`What is said where a visit is called off: ${visit.reason}?`);
  const cancelled = visit.start.subtract({ days: 1 });
  const theirs = visit.person.company ? said.company : said.theirs;
  if (theirs !== null)
    yield* talk.hear("called-off", cancelled.subtract({ minutes: random.between(5, 50) }), theirs);
  yield* talk.send("taken-off", cancelled.add({ minutes: random.between(5, 60) }), said.ours);
}

function* missing({ visit, talk, random }: About): Generator<DemoJob> {
  const at = visit.start.add({ minutes: random.between(25, 50) });
  yield* talk.send("missed", at, say.MISSED);
  if (random.chance(0.3)) return;
  const replies = visit.person.company ? say.COMPANY_MISSED_REPLIES : say.MISSED_REPLIES;
  yield* talk.hear("sorry", at.add({ minutes: random.between(40, 140) }), random.pick(replies));
}

/** Praise on the same evening, complaints when the sun is up, and what else they could have done. */
function* afterwards(about: About): Generator<DemoJob> {
  const { visit, talk, random } = about;
  const luck = random.next();
  const evening = visit.finished.add({ minutes: random.between(20, 100) });
  if (luck < 0.05) yield* talk.hear("praise", evening, random.pick(say.PRAISE));
  if (luck < 0.05 || visit.number > -LONG_AGO) return;
  const morning = visit.finished
    .add({ days: 1 })
    .withPlainTime("09:05")
    .add({ minutes: random.between(0, 55) });
  if (luck < 0.07) yield* complaint(about, morning);
  else if (luck < 0.1) yield* askingThePrice(about, evening, morning);
}

function* complaint({ talk, random }: About, morning: Temporal.ZonedDateTime): Generator<DemoJob> {
  const room = random.pick(say.ROOMS);
  yield* talk.hear("streaks", morning, put(random.pick(say.STREAKS), { room }));
  const answered = morning.add({ minutes: random.between(15, 90) });
  yield* talk.send("streaks-answer", answered, put(say.STREAKS_ANSWER, { room }));
  if (random.chance(0.6)) yield* talk.hear("streaks-gone", answered.add({ days: 3 }), say.STREAKS_GONE);
}

function* askingThePrice(
  { visit, talk, random }: About,
  evening: Temporal.ZonedDateTime,
  morning: Temporal.ZonedDateTime,
): Generator<DemoJob> {
  const { offer: key, ask, answer } = random.pick(say.PRICES);
  const offer = offers.find((each) => each.key === key);
  if (!offer) throw new Error(`There is no offer ${key} to ask the price of.`);
  if (visit.lines.some((line) => line.offer === offer)) return;
  const [least, most] = offer.usual;
  const count = random.between(Math.max(2, least), most + 1);
  const price = (times: number) => formatMoney(offer.service.unit_price_cents * times, "USD");
  const values = { count: String(count), price: price(1), total: price(count) };
  yield* talk.hear("price", evening, put(ask, values));
  yield* talk.send("price-answer", morning, put(answer, values));
  if (random.chance(0.5))
    yield* talk.hear("price-taken", morning.add({ minutes: random.between(9, 200) }), say.PRICE_TAKEN);
}
