import { z } from "zod";
import { Address, Contact } from "../../entities/contact.ts";
import { defineAction } from "../core/action.ts";
import { insert } from "../core/records.ts";
import { mustExist } from "../core/refer.ts";
import { addressFields, contactId } from "./fields.ts";

export const addAddress = defineAction({
  domain: "contact",
  name: "add_address",
  summary:
    "Add an address to a customer: where they are visited, or billed. A ticket then names it as address_id.",
  permission: "unrestricted",
  input: z.strictObject({
    id: contactId,
    ...addressFields,
    label: addressFields.label.default("Home"),
    country: addressFields.country.default("US"),
    kind: addressFields.kind.default("service"),
  }),
  example: {
    id: "contact_01kb2m6x8efh5rt3zqk9w7ycd4",
    lines: ["456 Oak Street"],
    city: "Madison",
    region: "WI",
    postal_code: "53703",
  },

  undo: { level: "contact.remove_address" },
  targets: ({ id }) => [id],

  async handler(context, { id, ...address }) {
    await mustExist(context.db, Contact, id);
    return insert(context, Address, { contact_id: id, ...address });
  },
});
