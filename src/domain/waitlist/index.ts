import type { Domain } from "../core/registry.ts";
import { acceptOffer } from "./accept.ts";
import { addToWaitlist } from "./add.ts";
import { bookFromWaitlist } from "./book.ts";
import { declineOffer } from "./decline.ts";
import { endOffer } from "./end-offer.ts";
import { offerSlot } from "./offer.ts";
import { removeFromWaitlist } from "./remove.ts";
import { waitlist } from "./type.ts";
import { waitlistReversal } from "./reversal.ts";

export const waitlistDomain: Domain = {
  domain: "waitlist",
  description: "Customers who want a slot that becomes free",
  noun: "waitlist entry",
  actions: [
    addToWaitlist,
    removeFromWaitlist,
    offerSlot,
    bookFromWaitlist,
    acceptOffer,
    declineOffer,
    endOffer,
  ],
  types: [waitlist],
  reversals: [waitlistReversal],
};
