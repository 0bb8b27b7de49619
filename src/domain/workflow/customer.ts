import type { Contact } from "../../entities/contact.ts";
import { Lead } from "../../entities/lead.ts";
import { findClearCustomer } from "../contact/clear-match.ts";
import { type Candidate, findLikelyDuplicates } from "../contact/duplicates.ts";
import { createContact } from "../contact/create.ts";
import { findActiveContact } from "../contact/find-active.ts";
import type { Context } from "../core/action.ts";
import { CrmError, validationFailed } from "../core/errors.ts";
import { prefixOf } from "../core/ids.ts";
import { findOrFail, update } from "../core/records.ts";

/**
 * The customer that an identifier means. A lead's id stands for the person it is about, who is kept as a customer from
 * then on.
 */
export async function customerFor(context: Context, identifier: string, path: string): Promise<Contact> {
  const { db, now } = context;
  if (prefixOf(identifier) !== "lead") return findClearCustomer(db, { identifier, path, now });
  const lead = await findOrFail(db, Lead, identifier);
  if (lead.customer_id) return findActiveContact(db, lead.customer_id);
  if (!lead.name)
    throw validationFailed(
      [{ path, message: "is a lead without a name" }],
      `Give it a name first: lead.update with {"id": "${lead.id}", "name": …}.`,
    );
  const { name, phones, emails, source } = lead;
  const known = await findLikelyDuplicates(db, { phones, emails });
  if (known.length > 0) throw alreadyKnown(known, path);
  const { id } = await context.call(createContact, { name, phones, emails, source });
  await update(context, lead, { customer_id: String(id) });
  return findActiveContact(db, String(id));
}

const alreadyKnown = (candidates: readonly Candidate[], path: string): CrmError =>
  new CrmError("ambiguous", "The person of this lead may be a customer already.", {
    fields: [{ path, message: "has a phone number or e-mail of a customer" }],
    hint: "If they are the same, use the customer's id. If not, convert the lead first (lead.convert).",
    extra: { candidates },
  });
