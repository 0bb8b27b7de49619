import { invalidState } from "./errors.ts";

export interface Transition<State extends string> {
  from: readonly State[];
  to: State;
  /** Verb phrase of the refusal: "A lead that is lost cannot …". */
  said: string;
}

export interface StateMachine<State extends string, Name extends string> {
  /** The state after `action`. Throws `invalid_state` with the allowed transitions. */
  next(state: State, action: Name): State;
  /** Allowed actions with the state after each: `contact (contacted)`. */
  allowedFrom(state: State): string[];
}

/** A state machine with transitions by action name. */
export function makeStateMachine<State extends string, Name extends string>(
  what: string,
  transitions: Record<Name, Transition<State>>,
): StateMachine<State, Name> {
  const all = Object.entries<Transition<State>>(transitions);
  const allowedFrom = (state: State) =>
    all.filter(([, { from }]) => from.includes(state)).map(([action, { to }]) => `${action} (${to})`);
  return {
    allowedFrom,
    next(state, action) {
      const { from, to, said } = transitions[action];
      if (from.includes(state)) return to;
      throw invalidState(what, said, { state, allowed: allowedFrom(state) });
    },
  };
}
