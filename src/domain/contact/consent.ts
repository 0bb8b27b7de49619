import type { Contact } from "../../entities/contact.ts";
import { needsAuthorization } from "../core/permission.ts";

type Said = Partial<Pick<Contact, "emails" | "phones" | "do_not_contact">>;

/** Whether a change could end that somebody who asked not to be contacted is not: then a person must agree. */
export function reachesAgain(contact: Contact, said: Said) {
  const { do_not_contact, emails, phones } = contact;
  const dropped =
    emails.some((email) => said.emails?.includes(email) === false) ||
    phones.some(({ number }) => said.phones?.every((phone) => phone.number !== number));
  return (
    do_not_contact &&
    (said.do_not_contact === false || dropped) &&
    needsAuthorization("They asked not to be contacted, and could be reached again", { do_not_contact })
  );
}

/** Whether a change says anything of how somebody may be reached. */
export const concernsReach = ({ do_not_contact, emails, phones }: Said): boolean =>
  do_not_contact === false || emails !== undefined || phones !== undefined;
