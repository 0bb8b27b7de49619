import { z } from "zod";
import { Address } from "../../entities/address.ts";
import { defineAction } from "../core/action.ts";
import { findOrFail } from "../core/records.ts";
import { addressId } from "./fields.ts";

export const removeAddress = defineAction({
  domain: "contact",
  name: "remove_address",
  summary: "Remove an address from a customer. Visits there stay, without an address. Requires reasoning.",
  permission: "soft_limit",
  input: z.strictObject({ address_id: addressId }),
  example: { address_id: "address_01kb2m6x8efh5rt3zqk9w7ycd4" },

  undo: true,
  targets: ({ address_id }) => [address_id],

  async handler({ db }, { address_id }) {
    const address = await findOrFail(db, Address, address_id);
    await db.remove(address);
    return { id: address_id, contact_id: address.contact_id };
  },
});
