import { z } from "zod";
import { Contact } from "../../entities/contact.ts";
import { defineAction } from "../core/action.ts";
import { needsAuthorization } from "../core/permission.ts";
import { findOrFail } from "../core/records.ts";
import { contactId } from "./fields.ts";
import { historySentence, lifetimeHistory } from "./history.ts";

export const deleteContact = defineAction({
  domain: "contact",
  name: "delete",
  summary:
    "Delete a customer and their history. With any history a person decides first: say why in reasoning.",
  permission: "unrestricted",
  input: z.strictObject({ id: contactId }),
  example: { id: "contact_01kb2m6x8efh5rt3zqk9w7ycd4" },

  destructive: true,
  raisedWhen: "requires_authorization when the customer has any ticket, in whatever state, or any message",
  undo: { level: "contact.create" },
  targets: ({ id }) => [id],

  async escalate({ db }, { id }) {
    // The lock makes a new ticket wait (its foreign key wants the row), so what is judged is what is deleted.
    await findOrFail(db, Contact, id);
    const history = await lifetimeHistory(db, id);
    const any = history.tickets + history.messages > 0;
    return any && needsAuthorization(historySentence(history), history, history.value_cents);
  },

  async handler({ db }, { id }) {
    const contact = await findOrFail(db, Contact, id);
    await db.remove(contact);
    return { id };
  },
});
