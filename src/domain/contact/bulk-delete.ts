import { z } from "zod";
import { defineAction } from "../core/action.ts";
import { manyIds } from "../core/fields.ts";
import { deleteContact } from "./delete.ts";
import { contactId } from "./fields.ts";

export const bulkDeleteContacts = defineAction({
  domain: "contact",
  name: "bulk_delete",
  summary:
    "Delete several customers and their history, all or none. If one has history, a person decides first.",
  permission: "unrestricted",
  input: z.strictObject({ ids: manyIds(contactId) }),
  example: { ids: ["contact_01kb2m6x8efh5rt3zqk9w7ycd4"] },

  destructive: true,
  raisedWhen:
    "requires_authorization when one ever had any history (a visit, invoice or message in any state, a qualified lead) or asked not to be contacted, or when there are more than 5; soft_limit when a lead goes with one",
  ruleWords: {
    any: "delete several customers in one request, whatever their history",
    upTo: (amount) =>
      `delete several customers in one request whose history together was never worth more than ${amount}`,
  },
  targets: ({ ids }) => ids,
  undo: true,

  async handler({ call }, { ids }) {
    for (const id of ids) await call(deleteContact, { id });
    return { ids, count: ids.length };
  },
});
