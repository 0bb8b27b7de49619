import { z } from "zod";
import { Contact } from "../../entities/contact.ts";
import { CHANNELS, Message } from "../../entities/message.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../core/query.ts";
import { insert } from "../core/records.ts";
import { mustExist } from "../core/refer.ts";
import { aboutId, body, customerId, mustBeTheirs, subject } from "./fields.ts";
import { messages } from "./type.ts";

export const logInboundMessage = defineAction({
  domain: "message",
  name: "log_inbound",
  summary: "Keep what a customer wrote or said: an e-mail, an SMS, or a note of a call.",
  permission: "unrestricted",
  input: z.strictObject({
    customer_id: customerId.describe("Who wrote or called"),
    channel: z.enum(CHANNELS).default("note").describe("note: a call or a talk, in your words"),
    subject: subject.optional().describe("Of an e-mail"),
    body: body.describe("What they said, as they said it"),
    about_id: aboutId.optional(),
  }),
  example: {
    customer_id: "contact_01kb2m6x8efh5rt3zqk9w7ycd4",
    channel: "sms",
    body: "Can you come an hour later on Monday?",
  },

  undo: { level: "unrestricted" },
  targets: ({ customer_id }) => [customer_id],

  async handler(context, { about_id, subject, ...said }) {
    const { db } = context;
    await mustExist(db, Contact, said.customer_id);
    await mustBeTheirs(db, about_id, said.customer_id);
    const { id } = await insert(context, Message, {
      ...said,
      subject: subject ?? null,
      about_id: about_id ?? null,
      direction: "inbound",
      status: "received",
    });
    return readRecord(db, messages, id);
  },
});
