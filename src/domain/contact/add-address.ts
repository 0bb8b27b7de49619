import { z } from "zod";
import { Address, Contact } from "../../entities/contact.ts";
import { defineAction } from "../core/action.ts";
import { insert } from "../core/records.ts";
import { mustExist } from "../core/refer.ts";
import { text } from "../core/text.ts";
import { contactId } from "./fields.ts";

export const addAddress = defineAction({
  domain: "contact",
  name: "add_address",
  summary:
    "Add an address to a customer: where they are visited, or billed. A ticket then names it as address_id.",
  permission: "unrestricted",
  input: z.strictObject({
    id: contactId,
    lines: z
      .array(text(200))
      .min(1)
      .max(5)
      .describe("Street and number, apartment; without city and postal code"),
    label: text(50).default("Home").describe("Short name: Home, Office, Lake house"),
    city: text(100).nullish().describe("City"),
    region: text(100).nullish().describe("State or province"),
    postal_code: text(20).nullish().describe("ZIP or postal code"),
    country: z
      .string()
      .trim()
      .toUpperCase()
      .regex(/^[A-Z]{2}$/, "must be a two-letter country code such as US")
      .default("US")
      .describe("ISO 3166 two-letter code"),
    access_notes: text(2_000).nullish().describe("Gate code, dog, where to park"),
    kind: z.enum(["service", "billing"]).default("service").describe("Visited (service) or billed (billing)"),
  }),
  example: {
    id: "contact_01kb2m6x8efh5rt3zqk9w7ycd4",
    lines: ["456 Oak Street"],
    city: "Madison",
    region: "WI",
    postal_code: "53703",
  },

  undo: { level: "contact.update" },
  targets: ({ id }) => [id],

  async handler(context, { id, ...address }) {
    await mustExist(context.db, Contact, id);
    return insert(context, Address, { contact_id: id, ...address });
  },
});
