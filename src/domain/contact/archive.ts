import { z } from "zod";
import { Contact } from "../../entities/contact.ts";
import { defineAction } from "../core/action.ts";
import { CrmError } from "../core/errors.ts";
import { readRecord } from "../query/read-record.ts";
import { findOrFail, update } from "../core/records.ts";
import { contactId } from "./fields.ts";
import { contacts } from "./type.ts";

export const archiveContact = defineAction({
  domain: "contact",
  name: "archive",
  summary: "Archive a customer: their history stays, lists no longer show them. Requires reasoning.",
  permission: "soft_limit",
  input: z.strictObject({ id: contactId }),
  example: { id: "contact_01kb2m6x8efh5rt3zqk9w7ycd4" },

  destructive: true,
  undo: true,
  targets: ({ id }) => [id],

  async handler(context, { id }) {
    const contact = await findOrFail(context.db, Contact, id);
    if (contact.archived_at) throw alreadyArchived(contact);
    await update(context, contact, { archived_at: context.now });
    return readRecord(context, contacts, { id });
  },
});

const alreadyArchived = ({ id, archived_at }: Contact) =>
  new CrmError(
    "invalid_state",
    `The contact ${id} is already archived, since ${archived_at?.toISOString()}.`,
    { hint: "There is nothing to do. To restore it: contact.update with active." },
  );
