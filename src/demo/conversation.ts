import type { Temporal } from "temporal-polyfill";
import { toDate } from "../domain/core/time.ts";
import { type DemoJob, idOf } from "./jobs.ts";

/** The customer side of a conversation. */
export interface Correspondent {
  /** Key of the job that created the customer. */
  key: string;
  /** null: by phone only; what they say is recorded as a note. */
  channel: "email" | "sms" | null;
  /** Name in the salutation and in their signature. */
  salutation: string;
}

export type Values = Record<string, string>;

interface Topic {
  /** Key of the ticket or lead it is about; prefix of the job keys. */
  about: string;
  /** Subject of the e-mails. */
  title: string;
  /** Values for the {placeholders} of a text. */
  values: Values;
}

/** Each function returns the jobs of one message at a given time; `name` is the suffix of the job key. */
export interface Conversation {
  /** A message from us. Nothing if the customer is contacted by phone. */
  send(name: string, at: Temporal.ZonedDateTime, text: string): DemoJob[];
  /** A message from a template, with additional values. */
  sendTemplate(name: string, at: Temporal.ZonedDateTime, by: { template: string; values: Values }): DemoJob[];
  /** A message or call from them. */
  receive(name: string, at: Temporal.ZonedDateTime, text: string): DemoJob[];
}

// Formats local days and times as if they were UTC: creating a formatter is slow, and this one serves every zone.
const DAY = new Intl.DateTimeFormat("en-US", {
  weekday: "long",
  month: "long",
  day: "numeric",
  timeZone: "UTC",
});
const TIME = new Intl.DateTimeFormat("en-US", { timeStyle: "short", timeZone: "UTC" });

/** Local: `Tuesday, March 3` */
export const dayOf = ({ year, month, day }: Temporal.ZonedDateTime | Temporal.PlainDate): string =>
  DAY.format(Date.UTC(year, month - 1, day));

/** Local: `9:30 AM` */
export const timeOf = ({ hour, minute }: Temporal.ZonedDateTime): string =>
  TIME.format(Date.UTC(1970, 0, 1, hour, minute)).replace("\u202f", " "); // ICU puts a narrow no-break space before PM.

/** Replaces the {placeholders} that have a value. */
export const fillPlaceholders = (text: string, values: Values): string =>
  text.replaceAll(/\{(\w+)\}/g, (place, name: string) => values[name] ?? place);

/** Messages with one customer about one topic. */
export function makeConversation(
  { key, channel, salutation }: Correspondent,
  { about, title, values }: Topic,
): Conversation {
  const job = (name: string, at: Temporal.ZonedDateTime, [action, data]: [string, object]): DemoJob => ({
    key: `${about}-${name}`,
    action,
    data: (done) => ({ customer_id: idOf(done, key), about_id: idOf(done, about), ...data }),
    at: toDate(at),
  });
  const titled = (subject: string) => (channel === "email" ? { subject } : {});
  return {
    send(name, at, text) {
      if (channel === null) return [];
      const body = fillPlaceholders(OUR_MESSAGE[channel], {
        greet: salutation,
        text: fillPlaceholders(text, values),
      });
      return [job(name, at, ["message.send", { channel, body, ...titled(title) }])];
    },
    sendTemplate(name, at, { template, values: more }) {
      const data = { template, values: { greet: salutation, ...values, ...more } };
      return channel === null ? [] : [job(name, at, ["message.send", data])];
    },
    receive(name, at, text) {
      const receivedBy = channel ?? "note";
      const body = fillPlaceholders(THEIR_MESSAGE[receivedBy], {
        greet: salutation,
        text: fillPlaceholders(text, values),
      });
      return [job(name, at, ["message.log_inbound", { channel: receivedBy, body, ...titled(title) }])];
    },
  };
}

const OUR_MESSAGE = {
  email: "Hello {greet},\n\n{text}\n\nNell\nat the office",
  sms: "Hello {greet}. {text} Nell, office",
};

const THEIR_MESSAGE = {
  email: "{text}\n\n{greet}",
  sms: "{text} {greet}",
  note: "On the phone: “{text}”",
};
