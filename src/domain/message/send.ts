import { z } from "zod";
import { Contact } from "../../entities/contact.ts";
import { rows } from "../../database/sql.ts";
import {
  ATTACHMENT_KINDS,
  Message,
  type MessageAttachment,
  type MessageStatus,
  SENT_CHANNELS,
  type SentChannel,
} from "../../entities/message.ts";
import { defineAction } from "../core/action.ts";
import type { Context } from "../core/action.ts";
import { conflict, validationFailed } from "../core/errors.ts";
import { newId, prefixOf } from "../core/ids.ts";
import { hashOf } from "../core/secrets.ts";
import { readRecord } from "../query/read-record.ts";
import { insert, findForReference } from "../core/records.ts";
import { text } from "../core/fields.ts";
import { instantIn, momentInput } from "../core/time.ts";
import { settingsOf } from "../settings/current.ts";
import { aboutId, body, customerId, checkAboutId, subject } from "./fields.ts";
import { requireAddress, hasOptedOut, chooseRecipient, OPTED_OUT } from "./recipient.ts";
import {
  renderTemplate,
  findTemplate,
  builtInValues,
  type Values,
  withNested,
} from "./template-rendering.ts";
import { messages } from "./type.ts";

/** Twilio's limit. */
export const LONGEST_SMS = 1_600;

const input = z
  .strictObject({
    customer_id: customerId.describe("Recipient; their own address is used"),
    channel: z.enum(SENT_CHANNELS).optional().describe("Default: the one they prefer"),
    subject: subject.optional().describe("Subject of an e-mail; one line"),
    body: body.optional().describe("Plain text as the customer will read it; or give template"),
    template: text(100).optional().describe("Name of a template, instead of body"),
    values: z
      .record(
        z.string().max(100),
        z.union([z.string().max(5_000), z.number(), z.boolean()], {
          error: "must be text of up to 5000 characters, a number, true or false",
        }),
      )
      .optional()
      .describe("For the template's {{names}}; {{customer.name}} and {{business.name}} are built in"),
    about_id: aboutId.optional(),
    attachments: z
      .array(z.enum(ATTACHMENT_KINDS))
      .max(1)
      .optional()
      .describe("visit_calendar: the calendar file of the visit in about_id; with e-mail only"),
    scheduled_for: momentInput
      .optional()
      .describe("When to send: 2026-11-23T15:30, tomorrow morning; default: at once"),
    dedupe_key: text(200).optional().describe("A second message with the same key is not sent"),
  })
  .refine(({ body, template }) => (body === undefined) !== (template === undefined), {
    path: ["body"],
    error: "give either body or template",
  })
  .refine(({ values, template }) => values === undefined || template !== undefined, {
    path: ["values"],
    error: "is allowed only with template",
  })
  .refine(
    ({ attachments = [], about_id }) => attachments.length === 0 || prefixOf(about_id ?? "") === "ticket",
    {
      path: ["attachments"],
      error: "needs the id of the visit in about_id",
    },
  );

type Input = z.output<typeof input>;

/** Keeps the recipient out: a job's outcome holds no personal data. */
function outcomeOf({
  status,
  error,
  scheduled_for,
}: Pick<Message, "status" | "error" | "scheduled_for">): string {
  if (status === "not_sent") return error ?? "NOT SENT.";
  if (status === "suppressed") return `NOT SENT: ${error ?? OPTED_OUT}`;
  if (status !== "queued") return `Nothing new was sent: the message with this dedupe_key is ${status}.`;
  const when = scheduled_for ? `at ${new Date(scheduled_for).toISOString()}` : "in a moment";
  return `Queued: it goes out ${when}. The message's status says whether it was sent.`;
}

export const sendMessage = defineAction({
  domain: "message",
  name: "send",
  summary: "Send an e-mail or SMS to a customer, with your own text or a template, now or at a given time.",
  permission: "unrestricted",
  input,
  example: {
    customer_id: "contact_01kb2m6x8efh5rt3zqk9w7ycd4",
    subject: "Your visit on Monday",
    body: "Hello Maria, we will be there on Monday at 9:00.",
  },

  /** A message about a record counts with that record, so that a notice does not double what a request touches. */
  targets: ({ customer_id, about_id }) => [about_id ?? customer_id],

  outcome: outcomeOf,

  async handler(context, input) {
    const { db } = context;
    const { customer_id, about_id } = input;
    const customer = await findForReference(db, Contact, customer_id);
    // Hashed: keys are compared only, and callers put names and numbers into them.
    const dedupe_key = input.dedupe_key === undefined ? null : hashOf(input.dedupe_key);
    const earlier = dedupe_key === null ? null : await db.findOneBy(Message, { dedupe_key });
    if (earlier) return existingMessage(context, earlier, customer_id);
    await checkAboutId(db, about_id, customer_id);
    const message = await compose(context, customer, input);
    const { id } = await insert(context, Message, {
      ...message,
      direction: "outbound",
      customer_id,
      about_id: about_id ?? null,
      template: input.template ?? null,
      dedupe_key,
    });
    if (message.status === "queued") await writeDelivery(context, { ...message, id });
    return readRecord(context, messages, { id });
  },
});

const FILE_NAMES: Readonly<Record<MessageAttachment["kind"], string>> = { visit_calendar: "visit.ics" };

type Composed = Pick<
  Message,
  "attachments" | "channel" | "to" | "subject" | "body" | "status" | "error" | "scheduled_for"
> & {
  channel: SentChannel;
};

async function compose(context: Context, customer: Contact, input: Input): Promise<Composed> {
  const settings = await settingsOf(context.db);
  const template =
    input.template === undefined ? null : await findTemplate(context.db, input.template, input.channel);
  const values: Values = withNested(builtInValues(customer, settings), input.values ?? {});
  const requestedChannel = template?.channel ?? input.channel;
  const recipient = chooseRecipient(customer, requestedChannel);
  const { channel } = recipient;
  const rendered = template
    ? renderTemplate(template.textFor(channel), values)
    : { subject: null, body: input.body ?? "" };
  const optedOut = await hasOptedOut(context.db, customer, recipient);
  const { status, error } = optedOut
    ? { status: "suppressed" as const, error: OPTED_OUT }
    : initialStatus(context, channel);
  checkBody(channel, rendered.body);
  return {
    channel,
    status,
    error,
    to: status === "suppressed" ? recipient.to : requireAddress(recipient, requestedChannel !== undefined),
    subject:
      channel === "email"
        ? (input.subject ?? rendered.subject ?? `Message from ${settings.business_name}`)
        : null,
    body: rendered.body,
    attachments:
      channel === "email" ? (input.attachments ?? []).map((kind) => ({ kind, name: FILE_NAMES[kind] })) : [],
    scheduled_for:
      input.scheduled_for === undefined
        ? null
        : parseSendTime(context, input.scheduled_for, settings.timezone),
  };
}

/** `not_sent` if the channel is not configured. */
function initialStatus(
  { canSend }: Context,
  channel: SentChannel,
): { status: MessageStatus; error: string | null } {
  if (canSend(channel)) return { status: "queued", error: null };
  const name = channel === "email" ? "e-mail" : "SMS";
  return {
    status: "not_sent",
    error: `NOT SENT: ${name} is not set up here; the message stays in the outbox.`,
  };
}

/**
 * In the message's own transaction, so that neither exists without the other. A delivery that is due at once is due by
 * the database's clock, as the delivery worker's leases and retries are.
 */
async function writeDelivery(
  { db }: Context,
  { id, channel, scheduled_for }: Composed & { id: string },
): Promise<void> {
  await rows(
    db,
    `INSERT INTO delivery (id, job_id, kind, payload, next_attempt_at)
     VALUES ($1, current_setting('countersign.job_id'), $2, $3, coalesce($4, now()))`,
    [newId("delivery"), channel, JSON.stringify({ message_id: id }), scheduled_for],
  );
}

/** The message that was sent, or will be sent, with the same dedupe_key. */
function existingMessage(
  context: Context,
  { id, customer_id }: Message,
  recipientId: string,
): Promise<unknown> {
  if (customer_id === recipientId) return readRecord(context, messages, { id });
  throw conflict(
    "This dedupe_key belongs to a message to another customer.",
    "Use a key that contains the id of the customer or of the record it is about.",
    { message_id: id },
  );
}

function parseSendTime({ now }: Context, input: string, zone: string): Date {
  const at = instantIn(zone, input);
  if (at > now) return at;
  throw validationFailed(
    [{ path: "data.scheduled_for", message: "is in the past" }],
    "Leave it out to send at once, or give a later time.",
  );
}

function checkBody(channel: SentChannel, body: string): void {
  if (body === "") throw validationFailed([{ path: "data.values", message: "leave the message empty" }]);
  if (channel === "email" || body.length <= LONGEST_SMS) return;
  throw validationFailed(
    [{ path: "data.body", message: `is longer than the ${LONGEST_SMS} characters of an SMS` }],
    "Shorten it, or send it by e-mail.",
  );
}
