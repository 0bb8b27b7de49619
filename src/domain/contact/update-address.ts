import { z } from "zod";
import { Address } from "../../entities/address.ts";
import { defineAction } from "../core/action.ts";
import { expectVersion, findOrFail, update } from "../core/records.ts";
import { changesSome, versionInput } from "../core/fields.ts";
import { addressFields, addressId } from "./fields.ts";

export const updateAddress = defineAction({
  domain: "contact",
  name: "update_address",
  summary: "Update an address of a customer. Fields you leave out stay, null clears.",
  permission: "unrestricted",
  input: z
    .strictObject(addressFields)
    .partial()
    .extend({ address_id: addressId, version: versionInput })
    .refine(...changesSome(addressFields)),
  example: { address_id: "address_01kb2m6x8efh5rt3zqk9w7ycd4", access_notes: "The gate code is 4711." },

  undo: true,
  targets: ({ address_id }) => [address_id],

  async handler(context, { address_id, version, ...fields }) {
    const address = await findOrFail(context.db, Address, address_id);
    expectVersion("address", address, version);
    return update(context, address, fields);
  },
});
