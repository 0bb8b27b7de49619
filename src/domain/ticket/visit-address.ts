import type { EntityManager } from "typeorm";
import { Address } from "../../entities/address.ts";
import { validationFailed } from "../core/errors.ts";
import { findForReference } from "../core/records.ts";

/** The address of a visit must belong to its customer. */
export async function checkVisitAddress(
  db: EntityManager,
  addressId: string,
  customerId: string,
): Promise<void> {
  const address = await findForReference(db, Address, addressId);
  if (address.contact_id === customerId) return;
  throw validationFailed(
    [{ path: "data.address_id", message: "is an address of another customer" }],
    "List the customer's addresses with crm_query (type contacts, their id, include addresses), or add one with contact.add_address.",
  );
}
