import type { Domain } from "../core/registry.ts";
import { addToWaitlist } from "./add.ts";
import { offerSlot } from "./offer.ts";
import { removeFromWaitlist } from "./remove.ts";
import { waitlist } from "./type.ts";

export const waitlistDomain: Domain = {
  domain: "waitlist",
  description: "Customers who would take a slot that becomes free",
  noun: "waitlist entry",
  actions: [addToWaitlist, removeFromWaitlist, offerSlot],
  types: [waitlist],
};
