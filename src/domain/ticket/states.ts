import type { Ticket, TicketStatus } from "../../entities/ticket.ts";
import { invalidState } from "../core/errors.ts";
import { makeStates, type Transition } from "../core/states.ts";

/** Every way a ticket changes its state, by the name of its action; there is no other. */
export const TRANSITIONS = {
  schedule: { from: ["unscheduled"], to: "scheduled", said: "be scheduled" },
  start: { from: ["unscheduled", "scheduled"], to: "in_progress", said: "be started" },
  complete: { from: ["in_progress"], to: "completed", said: "be completed" },
  cancel: { from: ["unscheduled", "scheduled"], to: "cancelled", said: "be cancelled" },
  no_show: { from: ["unscheduled", "scheduled"], to: "no_show", said: "be a no-show" },
  reopen: { from: ["completed"], to: "scheduled", said: "be reopened" },
} as const satisfies Record<string, Transition<TicketStatus>>;

const states = makeStates<TicketStatus, keyof typeof TRANSITIONS>("ticket", TRANSITIONS);

/** The state that `action` leads to from the ticket's; `invalid_state` with what is allowed instead. */
export const nextStatus = ({ status }: Ticket, action: keyof typeof TRANSITIONS): TicketStatus =>
  states.next(status, action);

/** Refuses a change to a visit in one of the `closed` states; `said` as in: a ticket that is cancelled cannot … */
export function mustNotBe(closed: readonly TicketStatus[], { status }: Ticket, said: string): void {
  if (closed.includes(status)) throw invalidState("ticket", status, said, states.allowedFrom(status));
}
