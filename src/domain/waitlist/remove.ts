import { z } from "zod";
import { WaitlistEntry } from "../../entities/waitlist-entry.ts";
import { contacts } from "../contact/type.ts";
import { defineAction } from "../core/action.ts";
import { readRecord } from "../query/read-record.ts";
import { findOrFail, update } from "../core/records.ts";
import { text } from "../core/fields.ts";
import { entryId } from "./fields.ts";
import { waitlistStates } from "./states.ts";
import { waitlist } from "./type.ts";

export const removeFromWaitlist = defineAction({
  domain: "waitlist",
  name: "remove",
  summary:
    "Remove a customer from the waitlist: they are booked or no longer interested. The entry stays readable.",
  permission: "unrestricted",
  input: z.strictObject({
    id: entryId,
    reason: text(500).optional().describe("Stored on the entry: booked, no longer wanted"),
  }),
  example: { id: "waitlist_entry_01kb2m6x8efh5rt3zqk9w7ycd4", reason: "Booked for Friday." },

  undo: true,
  targets: ({ id }) => [id],

  async handler(context, { id, reason }) {
    const entry = await findOrFail(context.db, WaitlistEntry, id);
    const state = waitlistStates.next(entry.state, "remove");
    await update(context, entry, { state, removed_reason: reason ?? null });
    return {
      ...(await readRecord(context, waitlist, { id })),
      customer: await readRecord(context, contacts, { id: entry.customer_id }),
    };
  },
});
