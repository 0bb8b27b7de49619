import { isRetired, ownerOf, type Reversal } from "../core/reversal.ts";

export const contactReversal: Reversal = {
  table: "contact",
  standsFor(row) {
    const { id, from, to } = row;
    if (!from) return { action: "contact.create" };
    if (!to) return { action: "contact.delete", input: { id } };
    const { do_not_contact, emails, phones } = to;
    // Judged in any case: consent may fall together with an archiving or a merge.
    const update = { action: "contact.update", input: { id, do_not_contact, emails, phones } };
    if (from.merged_into_id !== to.merged_into_id) return [{ action: "contact.merge" }, update];
    return isRetired(row) ? [{ action: "contact.archive" }, update] : update;
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
