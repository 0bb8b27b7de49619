import { TEMPLATES } from "./letters.ts";
import { type Calendar, clock, type DemoJob } from "./jobs.ts";
import { dayOf, makeTalk, timeOf } from "./talk.ts";

/** The guide's appointments of today: confirmed a week ago, and what came back. */
const TODAY = [
  { key: "wilson", visit: "wilson-visit-2", time: "09:00", hours: 3, work: "Window cleaning", reply: null },
  {
    key: "smith-dental",
    greet: "Smith Dental",
    visit: "smith-dental-visit-1",
    time: "13:00",
    hours: 2,
    work: "Exterior windows",
    reply: "Noted. Please start at the back, the waiting room is full until two.",
  },
  {
    key: "garcia",
    greet: "Maria",
    channel: "sms",
    visit: "garcia-visit-1",
    time: "15:30",
    hours: 1,
    work: "Screen cleaning",
    reply: "Perfect, thank you. The screens stand in the garage.",
  },
  {
    key: "park-place",
    greet: "Park Place HOA",
    visit: "park-place-visit-1",
    time: "17:00",
    hours: 2,
    work: "Common areas",
    reply: null,
  },
] as const;

/** Nothing with the Johnsons: what a person is asked about them is about their visits. */
export function* guideMessages(calendar: Calendar): Generator<DemoJob> {
  for (const { key, visit, time, hours, work, reply, ...more } of TODAY) {
    const start = clock(calendar, 0, time);
    const day = dayOf(start);
    const { channel, greet } = { channel: "email" as const, greet: "Mr. Wilson", ...more };
    const values = { day, time: timeOf(start), technician: "Our crew" };
    const talk = makeTalk({ key, channel, greet }, { about: visit, title: `Visit on ${day}`, values });
    const template = TEMPLATES[channel].name;
    const length = hours === 1 ? "an hour" : `${hours} hours`;
    const booked = clock(calendar, -7, "10:20");
    yield* talk.fill("confirmed", booked, { template, values: { work, length } });
    if (reply) yield* talk.hear("reply", booked.add({ hours }), reply);
  }
  const asked = { greet: "Dana Whitlock\nRiverside Apartments", key: "riverside", channel: "email" } as const;
  yield* makeTalk(asked, { about: "lead-riverside", title: "64 units, outside only", values: {} }).hear(
    "asked",
    clock(calendar, -2, "16:12"),
    "We manage 64 units at Riverside and would like the outsides done twice a year. What is your price for that many, and how many days would you need?",
  );
  const called = { greet: "Mary", key: "thompson", channel: null };
  yield* makeTalk(called, { about: "lead-thompson", title: "", values: {} }).hear(
    "called",
    clock(calendar, -1, "16:14"),
    "It is the large house on Prairie Road, the one with the sunroom. My family comes soon, so I need a price this week; mornings are best.",
  );
}
