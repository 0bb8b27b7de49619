import type { EntityManager } from "typeorm";
import { Contact } from "../../entities/contact.ts";
import { CrmError } from "../core/errors.ts";
import { mustExist } from "../core/refer.ts";

/** Reads a customer for whom something new begins; refused where they were put away. */
export async function mustBeActive(db: EntityManager, id: string): Promise<Contact> {
  const contact = await mustExist(db, Contact, id);
  if (!contact.archived_at) return contact;
  throw new CrmError(
    "invalid_state",
    `${contact.name} (${id}) is archived, since ${contact.archived_at.toISOString()}: nothing new begins for them.`,
    { hint: `Bring them back first: contact.update with {"id": "${id}", "active": true}.` },
  );
}
