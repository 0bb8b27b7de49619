import { z } from "zod";
import { Contact } from "../../entities/contact.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../query/read-record.ts";
import { expectVersion, findOrFail, readById, update } from "../core/records.ts";
import { updateInput } from "../core/fields.ts";
import { touchesOptOut, checkOptOut } from "./opt-out.ts";
import { contactFields, contactId } from "./fields.ts";
import { contacts } from "./type.ts";

export const updateContact = defineAction({
  domain: "contact",
  name: "update",
  summary: "Update a customer, or restore an archived one with active. Lists are replaced, null clears.",
  permission: "unrestricted",
  input: updateInput(contactId, {
    ...contactFields,
    active: z.literal(true).describe("Restores an archived customer; contact.archive does the opposite"),
  }),
  example: {
    id: "contact_01kb2m6x8efh5rt3zqk9w7ycd4",
    preferred_channel: "sms",
    notes: "Moved out of state.",
  },

  raisedWhen:
    "requires_authorization when they asked not to be contacted and do_not_contact, an e-mail or a phone is removed",
  ruleWords: {
    any: "change any customer, even so that messages reach somebody who asked not to be contacted",
  },
  undo: true,
  targets: ({ id }) => [id],

  async escalate({ db }, { id, ...changes }) {
    if (!touchesOptOut(changes)) return false;
    // Also of a merged duplicate, which an undo brings back. The handler refuses to update one.
    const contact = await readById(db, Contact, { id, lock: "FOR UPDATE" });
    return contact !== undefined && checkOptOut(contact, changes);
  },

  async handler(context, { id, version, active, ...fields }) {
    const contact = await findOrFail(context.db, Contact, id);
    expectVersion("contact", contact, version);
    await update(context, contact, { ...fields, ...(active && { archived_at: null }) });
    return readRecord(context, contacts, { id });
  },
});
