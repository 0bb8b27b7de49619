import { z } from "zod";
import { WaitlistEntry } from "../../entities/waitlist.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../core/query.ts";
import { findOrFail, update } from "../core/records.ts";
import { text } from "../core/text.ts";
import { entryId } from "./fields.ts";
import { waitlistStates } from "./states.ts";
import { waitlist } from "./type.ts";

export const removeFromWaitlist = defineAction({
  domain: "waitlist",
  name: "remove",
  summary:
    "Take somebody off the waitlist: they have a time now, or wait no longer. The entry stays to be read.",
  permission: "unrestricted",
  input: z.strictObject({
    id: entryId,
    reason: text(500).optional().describe("Kept on the entry: booked, no longer wanted"),
  }),
  example: { id: "waitlist_entry_01kb2m6x8efh5rt3zqk9w7ycd4", reason: "Booked for Friday." },

  undo: { level: "waitlist.add" },
  targets: ({ id }) => [id],

  async handler(context, { id, reason }) {
    const entry = await findOrFail(context.db, WaitlistEntry, id);
    const state = waitlistStates.next(entry.state, "remove");
    await update(context, WaitlistEntry, entry, { state, removed_reason: reason ?? null });
    return readRecord(context.db, waitlist, id, ["customer"]);
  },
});
