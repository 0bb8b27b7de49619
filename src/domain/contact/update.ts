import { Contact } from "../../entities/contact.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../core/query.ts";
import { expectVersion, findOrFail, update } from "../core/records.ts";
import { updateInput } from "../core/update-input.ts";
import { contactFields, contactId } from "./fields.ts";
import { contacts } from "./type.ts";

export const updateContact = defineAction({
  domain: "contact",
  name: "update",
  summary:
    "Change what is known of a customer. Only the fields you give change; lists are replaced, null clears.",
  permission: "unrestricted",
  input: updateInput(contactId, contactFields),
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
    await update(context, Contact, contact, fields);
    return readRecord(context.db, contacts, id);
  },
});
