import { z } from "zod";
import { defineAction } from "../core/action.ts";
import { manyIds } from "../core/fields.ts";
import { contactFields, contactId } from "./fields.ts";
import { updateContact } from "./update.ts";

export const bulkUpdateContacts = defineAction({
  domain: "contact",
  name: "bulk_update",
  summary: "Change the same fields of several customers, all or none.",
  permission: "unrestricted",
  input: z.strictObject({
    ids: manyIds(contactId),
    data: z
      .strictObject(contactFields)
      .partial()
      .refine((data) => Object.keys(data).length > 0, "changes nothing; give at least one field")
      .describe("Fields as in contact.update"),
  }),
  example: { ids: ["contact_01kb2m6x8efh5rt3zqk9w7ycd4"], data: { tags: ["spring-offer"] } },

  raisedWhen:
    "requires_authorization when there are more than 5, or when one asked not to be contacted and could become reachable again",
  ruleWords: {
    any: "change several customers in one request, even so that messages reach somebody who asked not to be contacted",
  },
  targets: ({ ids }) => ids,
  undo: true,

  async handler({ call }, { ids, data }) {
    for (const id of ids) await call(updateContact, { id, ...data });
    return { ids, count: ids.length };
  },
});
