import type { EntityManager } from "typeorm";
import { z } from "zod";
import { Contact } from "../../entities/contact.ts";
import { rows } from "../../entities/database.ts";
import { Message, type MessageStatus, SENT_CHANNELS, type SentChannel } from "../../entities/message.ts";
import { defineAction } from "../core/action.ts";
import type { Context } from "../core/context.ts";
import { conflict, validationFailed } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import { readRecord } from "../core/query.ts";
import { insert } from "../core/records.ts";
import { mustExist } from "../core/refer.ts";
import { text } from "../core/text.ts";
import { instantIn, momentInput } from "../core/time.ts";
import { settingsOf } from "../settings/current.ts";
import { aboutId, body, customerId, mustBeTheirs, subject } from "./fields.ts";
import { addressIn, isUnwanted, reach, UNWANTED } from "./reach.ts";
import { fill, templateNamed, type Values } from "./template.ts";
import { messages } from "./type.ts";

/** What Twilio takes at most. */
const LONGEST_SMS = 1_600;

const input = z
  .strictObject({
    customer_id: customerId.describe("Whom it goes to; the address is their own"),
    channel: z.enum(SENT_CHANNELS).optional().describe("How they prefer it where left out"),
    subject: subject.optional().describe("Of an e-mail; one line"),
    body: body.optional().describe("Plain text, as they will read it; or name a template"),
    template: text(100).optional().describe("Name of a template, instead of body"),
    values: z
      .record(
        z.string().max(100),
        z.union([z.string().max(5_000), z.number(), z.boolean()], {
          error: "must be text of up to 5000 characters, a number, true or false",
        }),
      )
      .optional()
      .describe("For the template's {{places}}; {{customer.name}} and {{business.name}} are there already"),
    about_id: aboutId.optional(),
    scheduled_for: momentInput
      .optional()
      .describe("Goes out then: local time 2026-11-23T15:30; at once where left out"),
    dedupe_key: text(200).optional().describe("The same key never goes out twice"),
  })
  .refine((given) => (given.body === undefined) !== (given.template === undefined), {
    path: ["body"],
    error: "give either body or template",
  })
  .refine(({ values, template }) => values === undefined || template !== undefined, {
    path: ["values"],
    error: "goes with template only",
  });

type Input = z.output<typeof input>;

export const sendMessage = defineAction({
  domain: "message",
  name: "send",
  summary:
    "Write to a customer by e-mail or SMS, in your own words or from a template; now or at a given time.",
  permission: "unrestricted",
  input,
  example: {
    customer_id: "contact_01kb2m6x8efh5rt3zqk9w7ycd4",
    subject: "Your visit on Monday",
    body: "Hello Maria, we will be there on Monday at 9:00.",
  },

  targets: ({ customer_id }) => [customer_id],

  async handler(context, given) {
    const { db } = context;
    const { customer_id, about_id, dedupe_key } = given;
    const customer = await mustExist(db, Contact, customer_id);
    const earlier = dedupe_key === undefined ? null : await db.findOneBy(Message, { dedupe_key });
    if (earlier) return repeated(db, earlier, customer_id);
    await mustBeTheirs(db, about_id, customer_id);
    const message = await compose(context, customer, given);
    const { id } = await insert(context, Message, {
      ...message,
      direction: "outbound",
      customer_id,
      about_id: about_id ?? null,
      template: given.template ?? null,
      dedupe_key: dedupe_key ?? null,
    });
    if (message.status === "queued") await writeDelivery(db, { ...message, id });
    return readRecord(db, messages, id);
  },
});

type Composed = Pick<
  Message,
  "channel" | "to" | "subject" | "body" | "status" | "error" | "scheduled_for"
> & {
  channel: SentChannel;
};

async function compose(context: Context, customer: Contact, given: Input): Promise<Composed> {
  const settings = await settingsOf(context.db);
  const template = given.template === undefined ? null : await templateNamed(context.db, given.template);
  if (template && given.channel && template.channel !== given.channel)
    throw wrongChannel(template.channel, given.channel);
  const known = {
    customer: { name: customer.name, company: customer.company },
    business: { name: settings.business_name },
  };
  const values: Values = { ...known, ...given.values };
  const filled = template ? fill(template, values) : { subject: null, body: given.body ?? "" };
  const wanted = template?.channel ?? given.channel;
  const way = reach(customer, wanted);
  const { channel } = way;
  const unwanted = await isUnwanted(context.db, customer, way);
  const { status, error } = unwanted
    ? { status: "suppressed" as const, error: UNWANTED }
    : fateOf(context, channel);
  mustFit(channel, filled.body);
  return {
    channel,
    status,
    error,
    to: status === "suppressed" ? way.to : addressIn(way, wanted !== undefined),
    subject:
      channel === "email"
        ? (given.subject ?? filled.subject ?? `Message from ${settings.business_name}`)
        : null,
    body: filled.body,
    scheduled_for:
      given.scheduled_for === undefined ? null : futureOf(context, given.scheduled_for, settings.timezone),
  };
}

/** Whether it can go out. */
function fateOf({ canSend }: Context, channel: SentChannel): { status: MessageStatus; error: string | null } {
  if (canSend(channel)) return { status: "queued", error: null };
  const what = channel === "email" ? "E-mail" : "SMS";
  return { status: "not_sent", error: `${what} is not set up here: it stays in the outbox, NOT SENT.` };
}

/** In the same transaction, carried out after it: no message without its delivery, no delivery without its message. */
async function writeDelivery(
  db: EntityManager,
  { id, channel, scheduled_for }: Composed & { id: string },
): Promise<void> {
  await rows(
    db,
    // The job that this transaction has claimed.
    `INSERT INTO delivery (id, job_id, kind, payload, next_attempt_at)
     VALUES ($1, current_setting('countersign.job_id'), $2, $3, coalesce($4, clock_timestamp()))`,
    [newId("delivery"), channel, JSON.stringify({ message_id: id }), scheduled_for],
  );
}

/** What has gone out under this key, or will. */
function repeated(db: EntityManager, { id, customer_id }: Message, wanted: string): Promise<unknown> {
  if (customer_id === wanted) return readRecord(db, messages, id);
  throw conflict(
    "This dedupe_key belongs to a message to another customer.",
    "Use a key that names the customer or the record it is about.",
    { message_id: id },
  );
}

function futureOf({ now }: Context, written: string, zone: string): Date {
  const at = instantIn(zone, written);
  if (at > now) return at;
  throw validationFailed(
    [{ path: "data.scheduled_for", message: "is in the past" }],
    "Leave it out to send at once, or name a later time.",
  );
}

function mustFit(channel: SentChannel, body: string): void {
  if (body === "") throw validationFailed([{ path: "data.values", message: "leave nothing to say" }]);
  if (channel === "email" || body.length <= LONGEST_SMS) return;
  throw validationFailed(
    [{ path: "data.body", message: `is longer than the ${LONGEST_SMS} characters of an SMS` }],
    "Shorten it, or send it by e-mail.",
  );
}

const wrongChannel = (of: SentChannel, wanted: SentChannel) =>
  validationFailed(
    [{ path: "data.channel", message: `is ${wanted}, but the template is made for ${of}` }],
    "Leave channel out, or choose another template.",
  );
