import type { Reversal } from "../core/reversal.ts";

export const waitlistReversal: Reversal = {
  table: "waitlist_entry",
  standsFor({ from, to }) {
    if (!to || to.state === "removed") return { action: "waitlist.remove" };
    if (to.state === "booked") return { action: "waitlist.book" };
    return { action: from && to.state === "offered" ? "waitlist.offer" : "waitlist.add" };
  },
};
