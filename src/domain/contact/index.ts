import type { Domain } from "../core/registry.ts";
import { addAddress } from "./add-address.ts";
import { archiveContact } from "./archive.ts";
import { bulkDeleteContacts } from "./bulk-delete.ts";
import { bulkUpdateContacts } from "./bulk-update.ts";
import { createContact } from "./create.ts";
import { deleteContact } from "./delete.ts";
import { mergeContacts } from "./merge.ts";
import { removeAddress } from "./remove-address.ts";
import { contacts } from "./type.ts";
import { updateAddress } from "./update-address.ts";
import { updateContact } from "./update.ts";
import { contactReversal, addressReversal } from "./reversal.ts";

export const contactDomain: Domain = {
  domain: "contact",
  description: "Customers: people and companies, with their addresses",
  noun: "customer",
  actions: [
    createContact,
    updateContact,
    addAddress,
    updateAddress,
    removeAddress,
    mergeContacts,
    archiveContact,
    deleteContact,
    bulkUpdateContacts,
    bulkDeleteContacts,
  ],
  types: [contacts],
  reversals: [contactReversal, addressReversal],
};
