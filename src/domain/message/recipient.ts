import type { EntityManager } from "typeorm";
import type { Contact } from "../../entities/contact.ts";
import { rows } from "../../database/sql.ts";
import type { SentChannel } from "../../entities/message.ts";
import { validationFailed } from "../core/errors.ts";

/** Channel and address of a message; `to` is null if the customer has no address. */
export interface Recipient {
  channel: SentChannel;
  to: string | null;
}

const MOBILE = /mobile|cell|handy/i;

const addressOf = ({ emails, phones }: Contact, channel: SentChannel): string | null =>
  channel === "email"
    ? (emails[0] ?? null)
    : ((phones.find(({ label }) => MOBILE.test(label ?? "")) ?? phones[0])?.number ?? null);

/** Uses the requested channel; otherwise the preferred one, or the other if only that has an address. */
export function chooseRecipient(customer: Contact, requested: SentChannel | undefined): Recipient {
  const { preferred_channel: preferred } = customer;
  const byPreference: SentChannel[] = preferred === "sms" ? ["sms", "email"] : ["email", "sms"];
  const choices = (requested ? [requested] : byPreference).map((channel) => ({
    channel,
    to: addressOf(customer, channel),
  }));
  return (
    choices.find(({ to }) => to !== null) ?? { channel: requested ?? byPreference[0] ?? "email", to: null }
  );
}

/** `isRequested`: the caller or the template chose the channel. */
export function requireAddress({ channel, to }: Recipient, isRequested: boolean): string {
  if (to !== null) return to;
  const missing = channel === "email" ? "e-mail address" : "phone number";
  throw validationFailed(
    [
      {
        path: "data.customer_id",
        message: isRequested ? `has no ${missing}` : "has no e-mail address and no phone number",
      },
    ],
    "Add one with contact.update, or choose another channel.",
  );
}

/** Error of a suppressed message. */
export const OPTED_OUT = "They asked not to be contacted.";

const HAS_ADDRESS: Readonly<Record<SentChannel, string>> = {
  email: "emails && ARRAY[$1]",
  sms: "phones @> jsonb_build_array(jsonb_build_object('number', $1::text))",
};

/** Opt-outs are per address: a duplicate contact must not bypass one. */
export async function hasOptedOut(
  db: EntityManager,
  { do_not_contact }: Contact,
  { channel, to }: Recipient,
): Promise<boolean> {
  if (do_not_contact || to === null) return do_not_contact;
  const optedOut = `SELECT id FROM contact WHERE do_not_contact AND ${HAS_ADDRESS[channel]} LIMIT 1`;
  return (await rows(db, optedOut, [to])).length > 0;
}
