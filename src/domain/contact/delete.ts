import { z } from "zod";
import { Contact } from "../../entities/contact.ts";
import { Invoice } from "../../entities/invoice.ts";
import { defineAction } from "../core/action.ts";
import { needsAuthorization } from "../core/permission.ts";
import { findOrFail } from "../core/records.ts";
import { contactId } from "./fields.ts";
import { hasHistory, historySentence, lifetimeHistory } from "./history.ts";

export const deleteContact = defineAction({
  domain: "contact",
  name: "delete",
  summary:
    "Delete a customer and their history. With any history a person decides first: say why in reasoning.",
  permission: "unrestricted",
  input: z.strictObject({ id: contactId }),
  example: { id: "contact_01kb2m6x8efh5rt3zqk9w7ycd4" },

  destructive: true,
  raisedWhen:
    "requires_authorization when the customer has any history (a visit, an invoice or a message, in whatever state) or asked not to be contacted",
  undo: { level: "contact.create" },
  targets: ({ id }) => [id],

  async escalate({ db }, { id }) {
    // The lock makes a new ticket wait (its foreign key wants the row), so what is judged is what is deleted.
    const { do_not_contact } = await findOrFail(db, Contact, id);
    const history = await lifetimeHistory(db, id);
    if (hasHistory(history))
      return needsAuthorization(historySentence(history), history, history.value_cents);
    return (
      do_not_contact &&
      needsAuthorization("Nobody else remembers that they asked not to be contacted", { do_not_contact })
    );
  },

  async handler({ db }, { id }) {
    const contact = await findOrFail(db, Contact, id);
    await db.delete(Invoice, { customer_id: id, status: "draft" }); // What is finalized stays, with the name copied.
    await db.remove(contact);
    return { id };
  },
});
