import { TEMPLATES } from "./message-texts.ts";
import { type Calendar, localTimeOn, type DemoJob } from "./jobs.ts";
import { dayOf, makeConversation, timeOf } from "./conversation.ts";

/** Today's appointments of the guide: each was confirmed a week ago; `reply` is the customer's answer. */
const TODAY = [
  { key: "wilson", visit: "wilson-visit-2", time: "09:00", hours: 3, work: "Window cleaning", reply: null },
  {
    key: "smith-dental",
    salutation: "Smith Dental",
    visit: "smith-dental-visit-1",
    time: "13:00",
    hours: 2,
    work: "Exterior windows",
    reply: "Noted. Please start at the back, the waiting room is full until two.",
  },
  {
    key: "garcia",
    salutation: "Maria",
    channel: "sms",
    visit: "garcia-visit-1",
    time: "15:30",
    hours: 1,
    work: "Screen cleaning",
    reply: "Perfect, thank you. The screens stand in the garage.",
  },
  {
    key: "park-place",
    salutation: "Park Place HOA",
    visit: "park-place-visit-1",
    time: "17:00",
    hours: 2,
    work: "Common areas",
    reply: null,
  },
] as const;

/** No messages with the Johnsons: the guide's authorization request must count only their visits. */
export function* guideMessages(calendar: Calendar): Generator<DemoJob> {
  for (const { key, visit, time, hours, work, reply, ...more } of TODAY) {
    const start = localTimeOn(calendar, 0, time);
    const day = dayOf(start);
    const { channel, salutation } = { channel: "email" as const, salutation: "Mr. Wilson", ...more };
    const values = { day, time: timeOf(start), technician: "Our crew" };
    const conversation = makeConversation(
      { key, channel, salutation },
      { about: visit, title: `Visit on ${day}`, values },
    );
    const template = TEMPLATES[channel].name;
    const length = hours === 1 ? "an hour" : `${hours} hours`;
    const booked = localTimeOn(calendar, -7, "10:20");
    yield* conversation.sendTemplate("confirmed", booked, { template, values: { work, length } });
    if (reply) yield* conversation.receive("reply", booked.add({ hours }), reply);
  }
  const riverside = {
    salutation: "Dana Whitlock\nRiverside Apartments",
    key: "riverside",
    channel: "email",
  } as const;
  yield* makeConversation(riverside, {
    about: "lead-riverside",
    title: "64 units, outside only",
    values: {},
  }).receive(
    "asked",
    localTimeOn(calendar, -2, "16:12"),
    "We manage 64 units at Riverside and would like the outsides done twice a year. What is your price for that many, and how many days would you need?",
  );
  const thompson = { salutation: "Mary", key: "thompson", channel: null };
  yield* makeConversation(thompson, { about: "lead-thompson", title: "", values: {} }).receive(
    "called",
    localTimeOn(calendar, -1, "16:14"),
    "It is the large house on Prairie Road, the one with the sunroom. My family comes soon, so I need a price this week; mornings are best.",
  );
}
