import { z } from "zod";
import { WaitlistEntry } from "../../entities/waitlist-entry.ts";
import { defineAction } from "../core/action.ts";
import { findOrFail, update } from "../core/records.ts";
import { entryId } from "./fields.ts";
import { waitlistStates } from "./states.ts";

export const endOffer = defineAction({
  domain: "waitlist",
  name: "end_offer",
  summary: "End an offer whose time is up. The customer waits on.",
  permission: "unrestricted",
  audience: "system",
  input: z.strictObject({ id: entryId }),
  example: { id: "waitlist_entry_01kb2m6x8efh5rt3zqk9w7ycd4" },

  targets: ({ id }) => [id],

  async handler(context, { id }) {
    const entry = await findOrFail(context.db, WaitlistEntry, id);
    const { state, offer_ends_at } = entry;
    // Somebody was faster, or a new offer took the place of this one.
    if (state !== "offered" || (offer_ends_at && offer_ends_at > context.now)) return { id, state };
    return {
      id,
      state: (await update(context, entry, { state: waitlistStates.next(state, "decline") })).state,
    };
  },
});
