import { z } from "zod";
import { WaitlistEntry } from "../../entities/waitlist-entry.ts";
import { defineAction } from "../core/action.ts";
import { findOrFail, update } from "../core/records.ts";
import { entryId } from "./fields.ts";
import { waitlistStates } from "./states.ts";

export const declineOffer = defineAction({
  domain: "waitlist",
  name: "decline",
  summary: "Decline an offered time and wait on. Only the customer can, with the link in their message.",
  permission: "unrestricted",
  audience: "customer",
  input: z.strictObject({ id: entryId }),
  example: { id: "waitlist_entry_01kb2m6x8efh5rt3zqk9w7ycd4" },

  undo: true,
  targets: ({ id }) => [id],

  async handler(context, { id }) {
    const entry = await findOrFail(context.db, WaitlistEntry, id);
    if (entry.state === "waiting") return { id, state: entry.state }; // The button was pressed twice.
    const { state } = await update(context, entry, { state: waitlistStates.next(entry.state, "decline") });
    return { id, state };
  },
});
