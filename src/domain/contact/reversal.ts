import { isDeepStrictEqual } from "node:util";
import { isRetired, ownerOf, type Reversal } from "../core/reversal.ts";

export const contactReversal: Reversal = {
  table: "contact",
  standsFor(row) {
    const { id, from, to } = row;
    if (!from) return { action: "contact.create" };
    if (!to) return { action: "contact.delete", input: { id } };
    if (from.merged_into_id !== to.merged_into_id) return { action: "contact.merge" };
    const { do_not_contact, emails, phones } = to;
    // Consent that falls is judged first: it may go together with an archiving.
    const losesConsent = from.do_not_contact === true && do_not_contact === false;
    const isReached = ["emails", "phones"].some((key) => !isDeepStrictEqual(from[key], to[key]));
    if (isRetired(row) && !losesConsent && !isReached) return { action: "contact.archive" };
    return { action: "contact.update", input: { id, do_not_contact, emails, phones } };
  },
};

export const addressReversal: Reversal = {
  table: "address",
  recordOf: ownerOf("contact_id"),
  standsFor({ from, to }) {
    if (!from) return { action: "contact.add_address" };
    return { action: to ? "contact.update_address" : "contact.remove_address" };
  },
};
