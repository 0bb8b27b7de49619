import { z } from "zod";
import type { Ticket } from "../../entities/ticket.ts";
import { WaitlistEntry } from "../../entities/waitlist-entry.ts";
import { defineAction } from "../core/action.ts";
import { CrmError, notFound, validationFailed } from "../core/errors.ts";
import { readById } from "../core/records.ts";
import { instantIn, momentInput } from "../core/time.ts";
import { findActiveContact } from "../contact/find-active.ts";
import { settingsOf } from "../settings/current.ts";
import { lockCustomer } from "../ticket/lock-customer.ts";
import { outsideHours, technicianId } from "../ticket/fields.ts";
import { NOT_WANTED } from "../message/notice.ts";
import { bookingOutcome, warningsFor } from "../workflow/visit.ts";
import { entryId } from "./fields.ts";
import { waitlistStates } from "./states.ts";
import { bookWork, confirmTaken, lockVisitToMove, settle } from "./take.ts";

export const bookFromWaitlist = defineAction({
  domain: "waitlist",
  name: "book",
  summary:
    "Book a waiting customer, or move the visit that they want earlier, and confirm it to them. Others with the offer are told.",
  permission: "unrestricted",
  input: z.strictObject({
    id: entryId,
    window_start: momentInput.optional().describe("Start; default: the time that they were offered"),
    technician_id: technicianId.optional().describe("Default: whose time was offered, else who fits"),
    outside_hours: outsideHours.default(false),
    send_confirmation: z.boolean().default(true).describe("Write to the customer"),
  }),
  example: { id: "waitlist_entry_01kb2m6x8efh5rt3zqk9w7ycd4", window_start: "2026-11-23T15:30" },

  undo: true,
  targets: ({ id }) => [id],

  outcome: bookingOutcome,

  async handler(context, { id, window_start, technician_id, outside_hours, send_confirmation }) {
    const { db } = context;
    const seen = await readById(db, WaitlistEntry, { id });
    if (!seen) throw notFound("waitlist_entry", id);
    waitlistStates.next(seen.state, "book");
    const settings = await settingsOf(db);
    const isOffered = window_start === undefined && seen.state === "offered";
    const start = isOffered ? seen.offered_start : window_start && instantIn(settings.timezone, window_start);
    if (!start) throw noTime();
    const whose = technician_id ?? (isOffered ? (seen.offered_technician_id ?? undefined) : undefined);
    // The order of locks: the visit, the customer, technicians, entries.
    const toMove = await lockVisitToMove(db, seen);
    await lockCustomer(db, seen.customer_id);
    if ("over" in toMove) throw isOver(toMove.over);
    const visit = await bookWork(context, seen, {
      ...{ start, toMove: toMove.visit, technician_id: whose },
      outside_hours: outside_hours || (isOffered && seen.offered_outside_hours),
    });
    await settle(context, id, visit);
    const customer = await findActiveContact(db, seen.customer_id);
    const warnings = await warningsFor(context, visit);
    const confirmation = send_confirmation
      ? await confirmTaken(context, { customer, before: toMove.visit?.window_start ?? null, warnings }, visit)
      : NOT_WANTED;
    return { ...visit, customer: { id: customer.id, name: customer.name }, confirmation, warnings };
  },
});

const noTime = () =>
  validationFailed(
    [{ path: "data.window_start", message: "is required where no time is offered" }],
    "Look for a free time with find_availability.",
  );

const isOver = ({ number, status }: Ticket) =>
  new CrmError("invalid_state", `Visit #${number}, which they wanted earlier, is ${status}.`, {
    hint: "Take the entry off the waitlist with waitlist.remove. For another visit use schedule_appointment.",
  });
