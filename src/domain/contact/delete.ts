import { z } from "zod";
import { Contact } from "../../entities/contact.ts";
import { Invoice } from "../../entities/invoice.ts";
import { rows } from "../../database/sql.ts";
import { defineAction, type TakenAlong } from "../core/action.ts";
import { needsAuthorization } from "../core/permission.ts";
import { findOrFail } from "../core/records.ts";
import { contactId } from "./fields.ts";
import { amountOf, describeHistory, hasHistory, readHistory } from "./history.ts";

export const deleteContact = defineAction({
  domain: "contact",
  name: "delete",
  summary:
    "Delete a customer and their history. If there is any history, a person decides first: give the reason in reasoning.",
  permission: "unrestricted",
  input: z.strictObject({ id: contactId }),
  example: { id: "contact_01kb2m6x8efh5rt3zqk9w7ycd4" },

  destructive: true,
  raisedWhen:
    "requires_authorization when the customer ever had any history (a visit, invoice or message in any state, a qualified lead) or asked not to be contacted; soft_limit when a lead or a plan goes with them",
  ruleWords: {
    any: "delete any customer, whatever their history",
    upTo: (amount) => `delete any customer whose history was never worth more than ${amount}`,
  },
  undo: true,
  targets: ({ id }) => [id],

  async escalate({ db }, { id }) {
    // The row lock blocks new tickets (their foreign key needs it), so the handler deletes exactly what was judged.
    const { do_not_contact } = await findOrFail(db, Contact, id);
    const history = await readHistory(db, id);
    if (hasHistory(history)) return needsAuthorization(describeHistory(history), history, amountOf(history));
    return (
      do_not_contact &&
      needsAuthorization("Deleting them also deletes the record that they asked not to be contacted", {
        do_not_contact,
      })
    );
  },

  // The facts above name every visit; of the leads only those that were qualified.
  alsoRemoves: ({ db }, { id }) =>
    rows<TakenAlong>(
      db,
      `SELECT id, NULL AS action FROM ticket WHERE customer_id = $1
       UNION ALL SELECT id, 'lead.archive' FROM lead WHERE customer_id = $1
       UNION ALL SELECT id, 'plan.end' FROM plan WHERE customer_id = $1 AND state <> 'ended'`,
      [id],
    ),

  async handler({ db }, { id }) {
    const contact = await findOrFail(db, Contact, id);
    await db.delete(Invoice, { customer_id: id, status: "draft" }); // Finalized invoices stay; they hold a copy of the name.
    await db.remove(contact);
    return { id };
  },
});
