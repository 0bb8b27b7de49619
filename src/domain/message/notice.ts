import type { Contact } from "../../entities/contact.ts";
import { Ticket } from "../../entities/ticket.ts";
import type { Context } from "../core/action.ts";
import { CrmError } from "../core/errors.ts";
import { readById } from "../core/records.ts";
import { chooseRecipient } from "./recipient.ts";
import { LONGEST_SMS, sendMessage } from "./send.ts";
import {
  builtInValues,
  findTemplate,
  renderTemplate,
  type Values,
  withNested,
} from "./template-rendering.ts";
import { BUILT_IN } from "../template/built-in.ts";
import { settingsOf } from "../settings/current.ts";

/** What became of a message that tells a customer about their visit. */
export interface Confirmation {
  /** `queued`: it goes out in a moment. `none`: nothing was written. */
  status: "queued" | "not_sent" | "suppressed" | "none";
  channel?: string;
  to?: string | null;
  /** Why it does not go out. */
  reason?: string;
}

export const NOT_WANTED: Confirmation = { status: "none", reason: "send_confirmation is false." };

/** What became of a message that is no confirmation, for a model. */
export const TOLD: Readonly<Record<Confirmation["status"], string>> = {
  queued: "A message to the customer goes out in a moment.",
  not_sent: "The message to the customer was NOT SENT.",
  suppressed: "NO message was sent: they asked not to be contacted.",
  none: "No message was written.",
};

/** What became of the confirmation, for a model. */
export const SAID: Readonly<Record<Confirmation["status"], string>> = {
  queued: "A confirmation goes out in a moment.",
  not_sent: "The confirmation was NOT SENT.",
  suppressed: "NO confirmation was sent: they asked not to be contacted.",
  none: "No confirmation was written.",
};

export interface Notice {
  template:
    | "appointment_confirmation"
    | "appointment_rescheduled"
    | "appointment_cancelled"
    | "waitlist_offer"
    | "waitlist_gone"
    | "plan_changed"
    | "plan_confirmation";
  customer: Contact;
  /** The visit that it is about. */
  ticketId?: string | undefined;
  /** The waitlist entry that it is about. */
  entryId?: string;
  /** A dotted name is a nested value: `offer.link`. A notice about a visit also has `visit.link`. */
  values: Record<string, string>;
}

/**
 * Writes to the customer about a visit. One who cannot or must not be written to keeps the visit all the same. A template
 * that cannot be filled in is replaced by the built-in text and named in `warnings`.
 */
export async function confirm(context: Context, asked: Notice, warnings: string[]): Promise<Confirmation> {
  const { customer, ticketId, entryId, template } = asked;
  const { channel, to } = chooseRecipient(customer, undefined);
  if (to === null && !customer.do_not_contact)
    return { status: "none", reason: "They have no e-mail address and no phone number." };
  const notice = { ...asked, values: { ...asked.values, ...(await linkTo(context, ticketId)) } };
  const fault = await templateFault(context, notice, channel);
  if (fault !== null) warnings.push(`The template ${template} was not used: ${fault}`);
  const text =
    fault === null ? { template, values: notice.values } : await builtInText(context, notice, channel);
  const message = await context.call(sendMessage, {
    ...text,
    customer_id: customer.id,
    channel,
    about_id: ticketId ?? entryId,
    ...(ticketId && { attachments: ["visit_calendar" as const] }),
  });
  return confirmationOf(message as Sent);
}

/** The customer's link to the visit. */
async function linkTo(
  { db, publicUrl }: Context,
  ticketId: string | undefined,
): Promise<Record<string, string>> {
  const ticket = ticketId ? await readById(db, Ticket, { id: ticketId }) : undefined;
  return ticket ? { "visit.link": `${publicUrl}/visit/${ticket.visit_token}` } : {};
}

interface Sent {
  status: string;
  channel: string;
  to: string | null;
  error: string | null;
}

const confirmationOf = ({ status, channel, to, error }: Sent): Confirmation => ({
  status: status === "suppressed" || status === "not_sent" ? status : "queued",
  channel,
  to,
  ...(error !== null && { reason: error }),
});

async function valuesOf({ db }: Context, { customer, values }: Notice): Promise<Values> {
  return withNested(builtInValues(customer, await settingsOf(db)), values);
}

/** Why the template cannot be filled in; null if it can. */
async function templateFault(
  context: Context,
  notice: Notice,
  channel: "email" | "sms",
): Promise<string | null> {
  const found = await findTemplate(context.db, notice.template, channel);
  try {
    const { body } = renderTemplate(found.textFor(channel), await valuesOf(context, notice));
    if (body === "") return "it leaves the message empty";
    return channel === "sms" && body.length > LONGEST_SMS ? "it is longer than an SMS" : null;
  } catch (error) {
    if (error instanceof CrmError) return error.message;
    throw error;
  }
}

async function builtInText(context: Context, notice: Notice, channel: "email" | "sms") {
  const builtIn = BUILT_IN.find(({ name }) => name === notice.template);
  if (!builtIn) throw new Error(`${notice.template} is no built-in template`);
  const { subject, body } = renderTemplate(
    { name: builtIn.name, ...builtIn[channel] },
    await valuesOf(context, notice),
  );
  return { body, ...(subject !== null && { subject }) };
}
