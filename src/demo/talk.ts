import type { Temporal } from "temporal-polyfill";
import { toDate } from "../domain/core/time.ts";
import { type DemoJob, idOf } from "./jobs.ts";

/** A customer whom we talk with. */
export interface Partner {
  /** Of the job that made them. */
  key: string;
  /** How we write to each other; null: by phone only, and what they say becomes a note. */
  channel: "email" | "sms" | null;
  /** As we call them, and as they sign. */
  greet: string;
}

export type Values = Record<string, string>;

interface Subject {
  /** Key of the ticket or lead that it is about; part of every key. */
  about: string;
  /** Of the e-mails. */
  title: string;
  /** What stands for the {places} of a text. */
  values: Values;
}

/** Each says when, and ends its key with `name`. */
export interface Talk {
  /** We write, unless they are called. */
  send(name: string, at: Temporal.ZonedDateTime, text: string): DemoJob[];
  /** The same by a template of ours, with these values beside the usual ones. */
  fill(name: string, at: Temporal.ZonedDateTime, by: { template: string; values: Values }): DemoJob[];
  /** They write or call. */
  hear(name: string, at: Temporal.ZonedDateTime, text: string): DemoJob[];
}

// Local days and times are read as if they were UTC's: one format, which is costly to make, serves every zone.
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
  TIME.format(Date.UTC(1970, 0, 1, hour, minute)).replace("\u202f", " "); // ICU's narrow space.

/** The text with those of its {places} filled in that have a value. */
export const put = (text: string, values: Values): string =>
  text.replaceAll(/\{(\w+)\}/g, (place, name: string) => values[name] ?? place);

/** What is said with one customer about one thing. */
export function makeTalk({ key, channel, greet }: Partner, { about, title, values }: Subject): Talk {
  const job = (name: string, at: Temporal.ZonedDateTime, [action, said]: [string, object]): DemoJob => ({
    key: `${about}-${name}`,
    action,
    data: (done) => ({ customer_id: idOf(done, key), about_id: idOf(done, about), ...said }),
    at: toDate(at),
  });
  const titled = (subject: string) => (channel === "email" ? { subject } : {});
  return {
    send(name, at, text) {
      if (channel === null) return [];
      const body = put(OUR_LETTER[channel], { greet, text: put(text, values) });
      return [job(name, at, ["message.send", { channel, body, ...titled(title) }])];
    },
    fill(name, at, { template, values: more }) {
      const said = { template, values: { greet, ...values, ...more } };
      return channel === null ? [] : [job(name, at, ["message.send", said])];
    },
    hear(name, at, text) {
      const by = channel ?? "note";
      const body = put(THEIR_LETTER[by], { greet, text: put(text, values) });
      return [job(name, at, ["message.log_inbound", { channel: by, body, ...titled(title) }])];
    },
  };
}

const OUR_LETTER = {
  email: "Hello {greet},\n\n{text}\n\nNell\nat the office",
  sms: "Hello {greet}. {text} Nell, office",
};

const THEIR_LETTER = {
  email: "{text}\n\n{greet}",
  sms: "{text} {greet}",
  note: "On the phone: “{text}”",
};
