import type { WaitlistState } from "../../entities/waitlist-entry.ts";
import { makeStateMachine } from "../core/state-machine.ts";

const ACTIVE = ["waiting", "offered"] as const satisfies readonly WaitlistState[];

/** All state changes of an entry, keyed by action name. A customer who declines can be offered another slot. */
export const waitlistStates = makeStateMachine<WaitlistState, "offer" | "remove">("waitlist entry", {
  offer: { from: ACTIVE, to: "offered", said: "be offered a slot" },
  remove: { from: ACTIVE, to: "removed", said: "be removed" },
});
