import { z } from "zod";
import { Contact } from "../../entities/contact.ts";
import { defineAction } from "../core/action.ts";
import { CrmError } from "../core/errors.ts";
import { readRecord } from "../core/query.ts";
import { findOrFail, update } from "../core/records.ts";
import { contactId } from "./fields.ts";
import { contacts } from "./type.ts";

export const archiveContact = defineAction({
  domain: "contact",
  name: "archive",
  summary:
    "Put a customer away whom nobody works for any more: kept with all history, left out of lists. Give your reasoning.",
  permission: "soft_limit",
  input: z.strictObject({ id: contactId }),
  example: { id: "contact_01kb2m6x8efh5rt3zqk9w7ycd4" },

  destructive: true,
  undo: { level: "contact.update" },
  targets: ({ id }) => [id],

  async handler(context, { id }) {
    const contact = await findOrFail(context.db, Contact, id);
    if (contact.archived_at) throw archivedAlready(contact);
    await update(context, Contact, contact, { archived_at: context.now });
    return readRecord(context.db, contacts, id);
  },
});

const archivedAlready = ({ id, archived_at }: Contact) =>
  new CrmError(
    "invalid_state",
    `The contact ${id} is archived already, since ${archived_at?.toISOString()}.`,
    {
      hint: "There is nothing to do. To bring it back: contact.update with active.",
    },
  );
