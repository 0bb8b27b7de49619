import type { WaitlistState } from "../../entities/waitlist-entry.ts";
import { makeStateMachine } from "../core/state-machine.ts";

const ACTIVE = ["waiting", "offered"] as const satisfies readonly WaitlistState[];

/** All state changes of an entry, keyed by action name. A new offer takes the place of the one before. */
export const waitlistStates = makeStateMachine<WaitlistState, "offer" | "book" | "decline" | "remove">(
  "waitlist entry",
  {
    offer: { from: ACTIVE, to: "offered", said: "be offered a slot" },
    book: { from: ACTIVE, to: "booked", said: "be booked" },
    /** Also where the offer has ended, or the slot has gone. */
    decline: { from: ["offered"], to: "waiting", said: "decline an offer" },
    remove: { from: ACTIVE, to: "removed", said: "be removed" },
  },
);
