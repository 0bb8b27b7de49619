import type { EntityManager } from "typeorm";
import { Address } from "../../entities/contact.ts";
import { validationFailed } from "../core/errors.ts";
import { mustExist } from "../core/refer.ts";

/** A visit goes to one of its customer's own addresses. */
export async function mustBeTheirs(db: EntityManager, addressId: string, customerId: string): Promise<void> {
  const address = await mustExist(db, Address, addressId);
  if (address.contact_id === customerId) return;
  throw validationFailed(
    [{ path: "data.address_id", message: "is an address of another customer" }],
    "crm_query with type contacts, the customer's id and include addresses lists theirs; contact.add_address adds one.",
  );
}
