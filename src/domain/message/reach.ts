import type { EntityManager } from "typeorm";
import type { Contact } from "../../entities/contact.ts";
import { rows } from "../../entities/database.ts";
import type { SentChannel } from "../../entities/message.ts";
import { validationFailed } from "../core/errors.ts";

/** Where a customer is written to; `to` is null where there is no address. */
export interface Reach {
  channel: SentChannel;
  to: string | null;
}

const MOBILE = /mobile|cell|handy/i;

const addressOf = ({ emails, phones }: Contact, channel: SentChannel): string | null =>
  channel === "email"
    ? (emails[0] ?? null)
    : ((phones.find(({ label }) => MOBILE.test(label ?? "")) ?? phones[0])?.number ?? null);

/** By the channel that is wanted; else by the one they prefer, or the first that has an address. */
export function reach(customer: Contact, wanted: SentChannel | undefined): Reach {
  const { preferred_channel: preferred } = customer;
  const liked: SentChannel[] = preferred === "sms" ? ["sms", "email"] : ["email", "sms"];
  const choices = (wanted ? [wanted] : liked).map((channel) => ({
    channel,
    to: addressOf(customer, channel),
  }));
  return choices.find(({ to }) => to !== null) ?? { channel: wanted ?? liked[0] ?? "email", to: null };
}

/** The address of a message that is to go out. */
export function addressIn({ channel, to }: Reach, wanted: boolean): string {
  if (to !== null) return to;
  const what = channel === "email" ? "e-mail address" : "phone number";
  throw validationFailed(
    [{ path: "data.customer_id", message: wanted ? `has no ${what}` : "has neither e-mail nor phone" }],
    "Add one with contact.update, or choose another channel.",
  );
}

/** Why a message is suppressed. */
export const UNWANTED = "They asked not to be contacted.";

const WHO_HAS: Readonly<Record<SentChannel, string>> = {
  email: "emails && ARRAY[$1]",
  sms: "phones @> jsonb_build_array(jsonb_build_object('number', $1::text))",
};

/** Whoever said no has said it for the address: a second record of the same person does not reach them after all. */
export async function isUnwanted(
  db: EntityManager,
  { do_not_contact }: Contact,
  { channel, to }: Reach,
): Promise<boolean> {
  if (do_not_contact || to === null) return do_not_contact;
  const who = `SELECT id FROM contact WHERE do_not_contact AND ${WHO_HAS[channel]} LIMIT 1`;
  return (await rows(db, who, [to])).length > 0;
}
