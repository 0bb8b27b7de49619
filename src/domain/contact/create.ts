import { z } from "zod";
import { Contact } from "../../entities/contact.ts";
import { attributesInput, setInitialAttributes } from "../attribute/values.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../query/read-record.ts";
import { insert } from "../core/records.ts";
import { possibleDuplicate, findLikelyDuplicates } from "./duplicates.ts";
import { contactFields } from "./fields.ts";
import { contacts } from "./type.ts";

export const createContact = defineAction({
  domain: "contact",
  name: "create",
  summary:
    "Add a customer: a person, household or company. Refused if a customer with the same phone or e-mail exists.",
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
        .describe("true: this is a different customer with the same phone or e-mail"),
    }),
  example: {
    name: "Maria Garcia",
    phones: [{ number: "(608) 555-0142", label: "mobile" }],
    emails: ["maria@example.com"],
  },

  undo: true,
  async handler(context, { allow_duplicate, attributes, ...contact }) {
    const duplicates = allow_duplicate ? [] : await findLikelyDuplicates(context.db, contact);
    if (duplicates.length > 0) throw possibleDuplicate(duplicates);
    const { id } = await insert(context, Contact, contact);
    await setInitialAttributes(context, id, attributes);
    return readRecord(context, contacts, { id });
  },
});
