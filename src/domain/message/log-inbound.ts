import { z } from "zod";
import { Contact } from "../../entities/contact.ts";
import { CHANNELS, Message } from "../../entities/message.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../query/read-record.ts";
import { insert, findForReference } from "../core/records.ts";
import { aboutId, body, customerId, checkAboutId, subject } from "./fields.ts";
import { messages } from "./type.ts";

export const logInboundMessage = defineAction({
  domain: "message",
  name: "log_inbound",
  summary: "Record what a customer wrote or said: an e-mail, an SMS, or a note of a call.",
  permission: "unrestricted",
  input: z.strictObject({
    customer_id: customerId.describe("Customer who wrote or called"),
    channel: z.enum(CHANNELS).default("note").describe("note: a call or conversation, in your words"),
    subject: subject.optional().describe("Subject of an e-mail"),
    body: body.describe("What they wrote or said, word for word"),
    about_id: aboutId.optional(),
  }),
  example: {
    customer_id: "contact_01kb2m6x8efh5rt3zqk9w7ycd4",
    channel: "sms",
    body: "Can you come an hour later on Monday?",
  },

  undo: true,
  targets: ({ customer_id }) => [customer_id],

  async handler(context, { about_id, subject, ...received }) {
    const { db } = context;
    await findForReference(db, Contact, received.customer_id);
    await checkAboutId(db, about_id, received.customer_id);
    const { id } = await insert(context, Message, {
      ...received,
      subject: subject ?? null,
      about_id: about_id ?? null,
      direction: "inbound",
      status: "received",
    });
    return readRecord(context, messages, { id });
  },
});
