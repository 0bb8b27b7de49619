import { z } from "zod";
import { Contact } from "../../entities/contact.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../core/query.ts";
import { insert } from "../core/records.ts";
import { contactFields } from "./fields.ts";
import { contacts } from "./type.ts";

export const createContact = defineAction({
  domain: "contact",
  name: "create",
  summary:
    "Add a customer: a person, household or company. Search first (crm_query) so that nobody is kept twice.",
  permission: "unrestricted",
  input: z.strictObject(contactFields).partial().required({ name: true }),
  example: {
    name: "Maria Garcia",
    phones: [{ number: "(608) 555-0142", label: "mobile" }],
    emails: ["maria@example.com"],
  },

  undo: { level: "contact.delete" },
  async handler(context, input) {
    const { id } = await insert(context, Contact, input);
    return readRecord(context.db, contacts, id);
  },
});
