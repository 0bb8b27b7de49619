import { z } from "zod";
import { Contact } from "../../entities/contact.ts";
import { attributesInput, giveAttributes } from "../attribute/values.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../core/query.ts";
import { insert } from "../core/records.ts";
import { keptAlready, likelyDuplicates } from "./duplicates.ts";
import { contactFields } from "./fields.ts";
import { contacts } from "./type.ts";

export const createContact = defineAction({
  domain: "contact",
  name: "create",
  summary:
    "Add a customer: a person, household or company. Who is kept already under the same phone or e-mail is named instead.",
  permission: "unrestricted",
  input: z
    .strictObject(contactFields)
    .partial()
    .required({ name: true })
    .extend({
      ...attributesInput,
      allow_duplicate: z
        .boolean()
        .default(false)
        .describe("true: somebody else, although another customer has this phone or e-mail"),
    }),
  example: {
    name: "Maria Garcia",
    phones: [{ number: "(608) 555-0142", label: "mobile" }],
    emails: ["maria@example.com"],
  },

  undo: { level: "contact.delete" },
  async handler(context, { allow_duplicate, attributes, ...contact }) {
    const known = allow_duplicate ? [] : await likelyDuplicates(context.db, contact);
    if (known.length > 0) throw keptAlready(known);
    const { id } = await insert(context, Contact, contact);
    await giveAttributes(context, id, attributes);
    return readRecord(context.db, contacts, id);
  },
});
