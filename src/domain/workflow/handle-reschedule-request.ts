import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { Address } from "../../entities/address.ts";
import { Contact } from "../../entities/contact.ts";
import type { Settings } from "../../entities/settings.ts";
import { Technician } from "../../entities/technician.ts";
import type { Ticket } from "../../entities/ticket.ts";
import { type Context, defineAction } from "../core/action.ts";
import { text } from "../core/fields.ts";
import { readById } from "../core/records.ts";
import { addMinutes, clockTime, instantIn, localTime } from "../core/time.ts";
import { isWholeDay, timeOfDayInput, type Wish, wishInput } from "../core/wish.ts";
import { type Confirmation, confirm, SAID } from "../message/notice.ts";
import { referenceOf, settingsOf } from "../settings/current.ts";
import { outsideHours, technicianId } from "../ticket/fields.ts";
import { lockCustomer } from "../ticket/lock-customer.ts";
import { noticeOf, toldTime } from "../ticket/notice.ts";
import { mustNotBeReplaced, rescheduleTicket } from "../ticket/reschedule.ts";
import { mustNotBe } from "../ticket/states.ts";
import { type BookedVisit, bookedOf, readVisit, type Visit } from "../ticket/visit.ts";
import { whenOf } from "../ticket/when.ts";
import { chooseTime, readWish } from "./book.ts";
import { findVisit } from "./find-visit.ts";
import { type Gap, gapAround } from "./gap.ts";
import { type WhoWaits, whoFits } from "./who-waits.ts";

const description =
  "Moves a booked visit: cancels it, books a new one with the same work, tells the customer. new_time: default the same, else as in schedule_appointment. Tell old, new, confirmation and gap; offer to ask its waitlist.";

const input = z.strictObject({
  ticket_id: text(500).describe("Ticket ID or customer identifier"),
  new_date: wishInput("new_time").describe("'YYYY-MM-DD', 'tomorrow'"),
  new_time: timeOfDayInput.optional().describe("'afternoon', '9am', '9:00-11:00'"),
  reason: text(1_000).optional().describe("For the audit trail"),
  technician_id: technicianId.optional().describe("Default: the visit's own where free, else who fits"),
  outside_hours: outsideHours.default(false),
});

interface Moved {
  old: Visit;
  new: BookedVisit;
  customer: { id: string; name: string };
  confirmation: Confirmation;
  /** The time of the old visit, as it is free now. */
  gap: (Gap & { local: string }) | null;
  waitlist: WhoWaits | null;
}

export const handleRescheduleRequest = defineAction({
  domain: "workflow",
  name: "handle_reschedule_request",
  summary:
    "Move a customer's visit to another time, tell them, and say which time has become free and who waits for it.",
  tool: { title: "Move a visit", description },
  permission: "unrestricted",
  input,
  example: { ticket_id: "Maria Garcia", new_date: "2026-11-24", new_time: "12:00-17:00" },

  undo: true,

  outcome: ({ old, new: moved, confirmation }: Moved) =>
    `Moved: visit #${old.ticket.number} to ${moved.when.local}, now visit #${moved.ticket.number}. ${SAID[confirmation.status]}`,

  async handler(context, { ticket_id, new_date, new_time, reason, technician_id, outside_hours }) {
    const { db, now } = context;
    const settings = await settingsOf(db);
    const ticket = await findVisit(context, ticket_id);
    await mustNotBeReplaced(db, ticket);
    mustNotBe(["in_progress", "completed", "cancelled", "no_show"], ticket, "be rescheduled");
    await lockCustomer(db, ticket.customer_id);
    const old = await readVisit(db, ticket.id);
    const wish = readWish({ day: new_date, time: new_time }, ["new_date", "new_time"], settings.timezone);
    const choice = await chooseTime(db, {
      ...{ ticket, settings, now, wish },
      path: "data.new_date",
      address: (ticket.address_id && (await readById(db, Address, { id: ticket.address_id }))) || null,
      technician_id,
      preferred: ticket.technician_id,
      closestTo: new_time === undefined ? sameTime(ticket, wish, settings) : undefined,
      outsideHours: outside_hours,
    });
    const { id } = await context.call(rescheduleTicket, {
      id: ticket.id,
      window_start: choice.start.toISOString(),
      technician_id: choice.technician_id,
      outside_hours,
      reason,
    });
    return answer(context, { ticket, old, visit: bookedOf(await readVisit(db, String(id))) });
  },
});

/** The time of day at which the visit was, on the wished day; undefined where the wish names a time. */
function sameTime({ window_start }: Ticket, wish: Wish, { timezone }: Settings): Date | undefined {
  if (!window_start || !isWholeDay(wish, timezone)) return undefined;
  const time = localTime(window_start, timezone).toPlainTime();
  return instantIn(timezone, Temporal.PlainDate.from(wish.date).toPlainDateTime(time).toString());
}

async function answer(
  context: Context,
  { ticket, old, visit }: { ticket: Ticket; old: Visit; visit: BookedVisit },
): Promise<Moved> {
  const { db } = context;
  const customer = await readById(db, Contact, { id: ticket.customer_id });
  if (!customer) throw new Error("a visit has a customer");
  const warnings: string[] = [];
  const notice = noticeOf(old.when ? "appointment_rescheduled" : "appointment_confirmation", customer, visit);
  const before = old.when && { before: toldTime(old.when) };
  const confirmation = await confirm(
    context,
    { ...notice, values: { ...notice.values, ...before } },
    warnings,
  );
  const released = await releasedTime(context, ticket);
  return {
    old,
    new: visit,
    customer: { id: customer.id, name: customer.name },
    confirmation,
    gap: released?.gap ?? null,
    waitlist: released?.waitlist ?? null,
    ...(warnings.length > 0 && { warnings }),
  };
}

/** The gap that the old visit leaves, and who would fit it. */
async function releasedTime({ db, now }: Context, ticket: Ticket): Promise<Released | null> {
  const { technician_id, window_start, window_end, customer_id } = ticket;
  if (!technician_id || !window_start || !window_end) return null;
  const technician = await readById(db, Technician, { id: technician_id });
  if (!technician) return null;
  const settings = await settingsOf(db);
  const { timezone: zone } = settings;
  const released = { from: window_start, to: window_end };
  const gap = await gapAround(db, technician, { released, zone, now });
  if (!gap) return null;
  const travel = gap.after ? settings.travel_buffer_minutes : 0;
  const waitlist = await whoFits(db, {
    ...{ technician, except: customer_id, reference: await referenceOf(db, now) },
    gap: { from: gap.from, to: addMinutes(gap.to, -travel) },
  });
  const local = `${clockTime(gap.from, zone)}–${clockTime(gap.to, zone)}`;
  return { gap: { ...gap, local: `${whenOf(gap.from, gap.to, settings).weekday} ${local}` }, waitlist };
}

interface Released {
  gap: Gap & { local: string };
  waitlist: WhoWaits;
}
