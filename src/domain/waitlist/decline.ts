import { z } from "zod";
import { WaitlistEntry } from "../../entities/waitlist-entry.ts";
import { defineAction } from "../core/action.ts";
import { findOrFail, update } from "../core/records.ts";
import { instantIn } from "../core/time.ts";
import { settingsOf } from "../settings/current.ts";
import { answeredStart, entryId, isOfferOf } from "./fields.ts";
import { waitlistStates } from "./states.ts";

export const declineOffer = defineAction({
  domain: "waitlist",
  name: "decline",
  summary: "Decline an offered time and wait on. Only the customer can, with the link in their message.",
  permission: "unrestricted",
  audience: "customer",
  input: z.strictObject({ id: entryId, window_start: answeredStart }),
  example: { id: "waitlist_entry_01kb2m6x8efh5rt3zqk9w7ycd4", window_start: "2026-11-23T15:30" },

  undo: true,
  targets: ({ id }) => [id],

  async handler(context, { id, window_start }) {
    const { timezone } = await settingsOf(context.db);
    const entry = await findOrFail(context.db, WaitlistEntry, id);
    const isOther = window_start !== undefined && !isOfferOf(entry, instantIn(timezone, window_start));
    // The button was pressed twice, or another time was offered since.
    if (entry.state === "waiting" || isOther) return { id, state: entry.state };
    const { state } = await update(context, entry, { state: waitlistStates.next(entry.state, "decline") });
    return { id, state };
  },
});
