import { z } from "zod";
import { Contact } from "../../entities/contact.ts";
import { defineAction } from "../core/action.ts";
import { expectVersion, findOrFail, update } from "../core/records.ts";
import { contactFields, contactId } from "./fields.ts";

const input = z
  .strictObject(contactFields)
  .partial()
  .extend({
    id: contactId,
    version: z
      .int()
      .min(1)
      .max(2_147_483_647)
      .optional()
      .describe("The version you read; refused if it has moved on"),
  })
  .refine(
    (input) => Object.keys(input).some((key) => key in contactFields),
    "names nothing to change; give at least one field beside id",
  );

export const updateContact = defineAction({
  domain: "contact",
  name: "update",
  summary:
    "Change what is known of a customer. Only the fields you give change; lists are replaced, null clears.",
  permission: "unrestricted",
  input,
  example: {
    id: "contact_01kb2m6x8efh5rt3zqk9w7ycd4",
    preferred_channel: "sms",
    notes: "Moved out of state.",
  },

  undo: { level: "contact.update" },
  targets: ({ id }) => [id],

  async handler(context, { id, version, ...fields }) {
    const contact = await findOrFail(context.db, Contact, id);
    expectVersion("contact", contact, version);
    return update(context, Contact, contact, fields);
  },
});
