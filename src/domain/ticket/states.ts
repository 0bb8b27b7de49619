import type { Ticket, TicketStatus } from "../../entities/ticket.ts";
import { invalidState } from "../core/errors.ts";
import { makeStateMachine, type Transition } from "../core/state-machine.ts";

/** All status changes of a ticket, keyed by action name. */
export const TRANSITIONS = {
  schedule: { from: ["unscheduled"], to: "scheduled", said: "be scheduled" },
  start: { from: ["unscheduled", "scheduled"], to: "in_progress", said: "be started" },
  complete: { from: ["in_progress"], to: "completed", said: "be completed" },
  /** Its successor takes its place. */
  reschedule: { from: ["scheduled"], to: "cancelled", said: "be rescheduled" },
  cancel: { from: ["unscheduled", "scheduled"], to: "cancelled", said: "be cancelled" },
  no_show: { from: ["unscheduled", "scheduled"], to: "no_show", said: "be a no-show" },
  reopen: { from: ["completed"], to: "scheduled", said: "be reopened" },
} as const satisfies Record<string, Transition<TicketStatus>>;

const states = makeStateMachine<TicketStatus, keyof typeof TRANSITIONS>("ticket", TRANSITIONS);

/** Status after `action`; throws `invalid_state` with the allowed actions. */
export const nextStatus = ({ status }: Ticket, action: keyof typeof TRANSITIONS): TicketStatus =>
  states.next(status, action);

/** Throws `invalid_state` if the ticket is in one of these statuses; `change` completes "A ticket that is cancelled cannot …". */
export function mustNotBe(statuses: readonly TicketStatus[], { status }: Ticket, change: string): void {
  if (statuses.includes(status))
    throw invalidState("ticket", change, { state: status, allowed: states.allowedFrom(status) });
}
