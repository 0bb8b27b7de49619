import type { Contact } from "../../entities/contact.ts";
import { needsAuthorization } from "../core/permission.ts";

type ContactChanges = Partial<Pick<Contact, "emails" | "phones" | "do_not_contact">>;

/**
 * A person must approve a change that could make an opted-out customer reachable again: it clears `do_not_contact`, or
 * it removes an address and thereby the opt-out of that address.
 */
export function checkOptOut(contact: Contact, changes: ContactChanges) {
  const { do_not_contact, emails, phones } = contact;
  const removesAddress =
    emails.some((email) => changes.emails?.includes(email) === false) ||
    phones.some(({ number }) => changes.phones?.every((phone) => phone.number !== number));
  return (
    do_not_contact &&
    (changes.do_not_contact === false || removesAddress) &&
    needsAuthorization("They asked not to be contacted, and this change could make them reachable again", {
      do_not_contact,
    })
  );
}

/** Whether a change can affect an opt-out at all. It saves reading the contact otherwise. */
export const touchesOptOut = ({ do_not_contact, emails, phones }: ContactChanges): boolean =>
  do_not_contact === false || emails !== undefined || phones !== undefined;
