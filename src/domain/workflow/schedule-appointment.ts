import { z } from "zod";
import type { Address } from "../../entities/address.ts";
import type { Contact } from "../../entities/contact.ts";
import { Ticket } from "../../entities/ticket.ts";
import { type Context, defineAction } from "../core/action.ts";
import { text } from "../core/fields.ts";
import { findOrFail } from "../core/records.ts";
import { timeOfDayInput, wishInput } from "../core/wish.ts";
import { findService } from "../service/find.ts";
import { confirm, NOT_WANTED } from "../message/notice.ts";
import { settingsOf } from "../settings/current.ts";
import { createTicket } from "../ticket/create.ts";
import { durationMinutes, outsideHours, technicianId } from "../ticket/fields.ts";
import { noticeOf } from "../ticket/notice.ts";
import { scheduleTicket } from "../ticket/schedule.ts";
import { bookedOf, readVisit } from "../ticket/visit.ts";
import { chooseTime, readWish } from "./book.ts";
import { customerFor } from "./customer.ts";
import { findServiceAddress } from "./service-address.ts";
import { bookingOutcome, mustBeTheOnlyOne, warningsFor } from "./visit.ts";

const description =
  "Books a visit and confirms it to the customer. To move one, use handle_reschedule_request. An exact time is taken or refused; in a range, the first free start. ambiguous: ask which, send its id. Tell when.local, confirmation, warnings.";

const input = z.strictObject({
  customer_identifier: text(500).describe("Customer name, phone, email, or ID; or lead ID"),
  address_identifier: text(500).optional().describe("Label ('Home'), full address, or ID"),
  requested_date: wishInput("requested_time").describe("'YYYY-MM-DD', 'tomorrow', 'next Monday'"),
  requested_time: timeOfDayInput.optional().describe("'morning', '9am', '9:00-11:00'"),
  services: z.array(text(200)).max(20).default([]).describe("Service names or IDs"),
  duration_estimate_minutes: durationMinutes.optional().describe("Default: of the services"),
  notes: text(20_000).optional().describe("Notes for technician"),
  send_confirmation: z.boolean().default(true).describe("Write to the customer"),
  technician_id: technicianId.optional().describe("Nobody else"),
  outside_hours: outsideHours.default(false),
  allow_duplicate: z
    .boolean()
    .default(false)
    .describe("Insist on a second visit of this customer at that time"),
});

export const scheduleAppointment = defineAction({
  domain: "workflow",
  name: "schedule_appointment",
  summary: "Book a visit: find the customer, choose time and technician, and confirm it to the customer.",
  tool: { title: "Book a visit", description },
  permission: "unrestricted",
  input,
  example: {
    customer_identifier: "Maria Garcia",
    requested_date: "2026-11-24",
    requested_time: "12:00-17:00",
    services: ["Screen cleaning"],
  },

  undo: true,

  outcome: bookingOutcome,

  async handler(context, input) {
    const { db, now } = context;
    const settings = await settingsOf(db);
    const asked = { day: input.requested_date, time: input.requested_time };
    const wish = readWish(asked, ["requested_date", "requested_time"], settings.timezone);
    const customer = await customerFor(context, input.customer_identifier, "data.customer_identifier");
    const address = await findServiceAddress(db, customer.id, input.address_identifier);
    const id = await createVisit(context, input, { customer, address });
    const { outside_hours } = input;
    const choice = await chooseTime(db, {
      ticket: await findOrFail(db, Ticket, id),
      ...{ address, settings, now },
      wish,
      path: "data.requested_date",
      technician_id: input.technician_id,
      outsideHours: outside_hours,
    });
    await context.call(scheduleTicket, {
      id,
      window_start: choice.start.toISOString(),
      technician_id: choice.technician_id,
      outside_hours,
    });
    const visit = bookedOf(await readVisit(db, id));
    if (!input.allow_duplicate) await mustBeTheOnlyOne(db, visit);
    const warnings = await warningsFor(context, visit);
    const confirmation = input.send_confirmation
      ? await confirm(context, noticeOf("appointment_confirmation", customer, visit), warnings)
      : NOT_WANTED;
    return { ...visit, customer: { id: customer.id, name: customer.name }, confirmation, warnings };
  },
});

type Input = z.output<typeof input>;

/** Creates the visit without a time; returns its id. */
async function createVisit(
  context: Context,
  { services, duration_estimate_minutes, notes }: Input,
  { customer, address }: { customer: Contact; address: Address | null },
): Promise<string> {
  const lines: { service_id: string }[] = [];
  for (const [index, named] of services.entries())
    lines.push({
      service_id: (
        await findService(context.db, named, {
          path: `data.services.${index}`,
          instead: "leave services out and give duration_estimate_minutes",
        })
      ).id,
    });
  const created = await context.call(createTicket, {
    customer_id: customer.id,
    address_id: address?.id,
    line_items: lines,
    duration_minutes: duration_estimate_minutes,
    notes,
  });
  return String(created.id);
}
