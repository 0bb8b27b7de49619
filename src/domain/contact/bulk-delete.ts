import { z } from "zod";
import { defineAction } from "../core/action.ts";
import { manyIds } from "../core/many.ts";
import { deleteContact } from "./delete.ts";
import { contactId } from "./fields.ts";

export const bulkDeleteContacts = defineAction({
  domain: "contact",
  name: "bulk_delete",
  summary:
    "Delete several customers and their history, all or none. A person decides first where there is history.",
  permission: "unrestricted",
  input: z.strictObject({ ids: manyIds(contactId) }),
  example: { ids: ["contact_01kb2m6x8efh5rt3zqk9w7ycd4"] },

  destructive: true,
  raisedWhen:
    "requires_authorization when any of them has history (a visit, an invoice, a message) or asked not to be contacted, or when there are more than 5",
  targets: ({ ids }) => ids,
  undo: { level: "contact.create" },

  async handler({ call }, { ids }) {
    for (const id of ids) await call(deleteContact, { id });
    return { ids, count: ids.length };
  },
});
