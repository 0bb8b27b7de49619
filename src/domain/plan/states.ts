import type { Plan, PlanState } from "../../entities/plan.ts";
import { invalidState } from "../core/errors.ts";
import { makeStateMachine, type Transition } from "../core/state-machine.ts";

const OPEN = ["active", "paused"] as const satisfies readonly PlanState[];

const TRANSITIONS = {
  pause: { from: ["active"], to: "paused", said: "be paused" },
  resume: { from: ["paused"], to: "active", said: "be resumed" },
  end: { from: OPEN, to: "ended", said: "be ended" },
} as const satisfies Record<string, Transition<PlanState>>;

const states = makeStateMachine<PlanState, keyof typeof TRANSITIONS>("plan", TRANSITIONS);

/** State after `action`; throws `invalid_state` with the allowed actions. */
export const nextState = ({ state }: Plan, action: keyof typeof TRANSITIONS): PlanState =>
  states.next(state, action);

/** Throws `invalid_state` for a plan that has ended; `change` completes "A plan that is ended cannot …". */
export function mustNotBeEnded({ state }: Plan, change: string): void {
  if (state === "ended") throw invalidState("plan", change, { state, allowed: states.allowedFrom(state) });
}
