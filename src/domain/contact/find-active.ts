import type { EntityManager } from "typeorm";
import { Contact } from "../../entities/contact.ts";
import { CrmError } from "../core/errors.ts";
import { findForReference } from "../core/records.ts";

/** Reads the customer of a new record; throws `invalid_state` if they are archived. */
export async function findActiveContact(db: EntityManager, id: string): Promise<Contact> {
  const contact = await findForReference(db, Contact, id);
  if (!contact.archived_at) return contact;
  throw new CrmError(
    "invalid_state",
    `${contact.name} (${id}) has been archived since ${contact.archived_at.toISOString()} and accepts no new records.`,
    { hint: `Restore them first: contact.update with {"id": "${id}", "active": true}.` },
  );
}
