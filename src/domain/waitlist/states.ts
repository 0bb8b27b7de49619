import type { WaitlistState } from "../../entities/waitlist.ts";
import { makeStates } from "../core/states.ts";

const LIVE = ["waiting", "offered"] as const satisfies readonly WaitlistState[];

/** Every way an entry changes its state, by the name of its action; who declines may be offered another slot. */
export const waitlistStates = makeStates<WaitlistState, "offer" | "remove">("waitlist entry", {
  offer: { from: LIVE, to: "offered", said: "be offered a slot" },
  remove: { from: LIVE, to: "removed", said: "be removed" },
});
