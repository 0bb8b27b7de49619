import { z } from "zod";
import { WaitlistEntry } from "../../entities/waitlist-entry.ts";
import { contacts } from "../contact/type.ts";
import { defineAction } from "../core/action.ts";
import { validationFailed } from "../core/errors.ts";
import { readRecord } from "../query/read-record.ts";
import { findOrFail, update } from "../core/records.ts";
import { instantIn, inWords, momentInput } from "../core/time.ts";
import { settingsOf } from "../settings/current.ts";
import { entryId } from "./fields.ts";
import { waitlistStates } from "./states.ts";
import { waitlist } from "./type.ts";

export const offerSlot = defineAction({
  domain: "waitlist",
  name: "offer",
  summary:
    "Note that a waiting customer was offered a free slot. It books and sends nothing; book with ticket.create.",
  permission: "unrestricted",
  input: z.strictObject({
    id: entryId,
    window_start: momentInput.describe("Start of the slot: 2026-11-23T15:30, tomorrow at 2pm"),
  }),
  example: { id: "waitlist_entry_01kb2m6x8efh5rt3zqk9w7ycd4", window_start: "2026-11-23T15:30" },

  undo: true,
  targets: ({ id }) => [id],

  async handler(context, { id, window_start }) {
    const { db, now } = context;
    const entry = await findOrFail(db, WaitlistEntry, id);
    const state = waitlistStates.next(entry.state, "offer");
    const { timezone: zone } = await settingsOf(db);
    const offered_start = instantIn(zone, window_start);
    if (offered_start <= now) {
      throw validationFailed(
        [{ path: "data.window_start", message: `is in the past: ${inWords(offered_start, zone)}` }],
        `It is now ${inWords(now, zone)} (${zone}). Offer a later slot.`,
      );
    }
    await update(context, entry, { state, offered_start, offered_at: now });
    return {
      ...(await readRecord(context, waitlist, { id })),
      customer: await readRecord(context, contacts, { id: entry.customer_id }),
    };
  },
});
