import { invalidState } from "./errors.ts";

export interface Transition<State extends string> {
  from: readonly State[];
  to: State;
  /** As in: a lead that is lost cannot … */
  said: string;
}

export interface StateMachine<State extends string, Name extends string> {
  /** The state that `action` leads to; `invalid_state` with what is allowed instead. */
  next(state: State, action: Name): State;
  /** `contact (contacted)`: what may be done in this state, and where it leads. */
  allowedFrom(state: State): string[];
}

/** Every way a record of a kind changes its state, by the name of its action; there is no other. */
export function makeStates<State extends string, Name extends string>(
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
      throw invalidState(what, state, said, allowedFrom(state));
    },
  };
}
