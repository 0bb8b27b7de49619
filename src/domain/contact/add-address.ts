import { z } from "zod";
import { Contact } from "../../entities/contact.ts";
import { Address } from "../../entities/address.ts";
import { defineAction } from "../core/action.ts";
import { insert, findForReference } from "../core/records.ts";
import { settingsOf } from "../settings/current.ts";
import { addressFields, contactId } from "./fields.ts";

export const addAddress = defineAction({
  domain: "contact",
  name: "add_address",
  summary: "Add a service or billing address to a customer. Visits refer to it as address_id.",
  permission: "unrestricted",
  input: z.strictObject({
    id: contactId,
    ...addressFields,
    label: addressFields.label.default("Home"),
    country: addressFields.country.optional().describe("ISO 3166; default: the country of the business"),
    kind: addressFields.kind.default("service"),
  }),
  example: {
    id: "contact_01kb2m6x8efh5rt3zqk9w7ycd4",
    lines: ["456 Oak Street"],
    city: "Madison",
    region: "WI",
    postal_code: "53703",
  },

  undo: true,
  targets: ({ id }) => [id],

  async handler(context, { id, ...address }) {
    await findForReference(context.db, Contact, id);
    const country = address.country ?? (await settingsOf(context.db)).country;
    return insert(context, Address, { contact_id: id, ...address, country });
  },
});
