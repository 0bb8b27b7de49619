import { Temporal } from "temporal-polyfill";
import type { EntityManager } from "typeorm";
import { z } from "zod";
import type { Settings, Technician } from "../../entities/technician.ts";
import { Ticket } from "../../entities/ticket.ts";
import { defineAction } from "../core/action.ts";
import { conflict } from "../core/errors.ts";
import { readRecord } from "../core/query.ts";
import { findOrFail, update } from "../core/records.ts";
import { addMinutes, inWords, momentInput } from "../core/time.ts";
import { settingsOf } from "../settings/current.ts";
import { daysOff } from "./days-off.ts";
import { durationMinutes, technicianId, ticketId } from "./fields.ts";
import { busyTimes, freeStarts, type Span } from "./slots.ts";
import { nextStatus } from "./states.ts";
import { lockTechnician } from "./technician.ts";
import { tickets } from "./type.ts";
import { windowOf } from "./window.ts";

export const scheduleTicket = defineAction({
  domain: "ticket",
  name: "schedule",
  summary:
    "Book a time and a technician for a visit that has none yet. A taken slot answers with free alternatives.",
  permission: "unrestricted",
  input: z
    .strictObject({
      id: ticketId,
      window_start: momentInput.describe("Local time of the business, 2026-11-23T15:30, or with an offset"),
      window_end: momentInput.optional().describe("As window_start; the visit's own duration where left out"),
      duration_minutes: durationMinutes.optional(),
      technician_id: technicianId
        .optional()
        .describe("Who goes; the visit's own or the only one where left out"),
    })
    .refine(({ window_end, duration_minutes }) => !(window_end && duration_minutes), {
      path: ["window_end"],
      error: "goes without duration_minutes; give one of the two",
    }),
  example: {
    id: "ticket_01kb2m6x8efh5rt3zqk9w7ycd4",
    window_start: "2026-11-23T15:30",
    duration_minutes: 60,
  },

  undo: { level: "ticket.cancel" },
  targets: ({ id }) => [id],

  async handler(context, { id, technician_id, ...wanted }) {
    const { db, now } = context;
    const ticket = await findOrFail(db, Ticket, id);
    const status = nextStatus(ticket, "schedule");
    const settings = await settingsOf(db);
    const { from, to, minutes } = windowOf(wanted, ticket.duration_minutes, { now, zone: settings.timezone });
    const technician = await lockTechnician(db, technician_id ?? ticket.technician_id);
    const during = { from, to: addMinutes(to, settings.travel_buffer_minutes) };
    await mustBeFree(db, { technician, settings }, { during, minutes });
    await update(context, Ticket, ticket, {
      status,
      technician_id: technician.id,
      window_start: from,
      window_end: to,
      during: `[${during.from.toISOString()},${during.to.toISOString()})`,
      duration_minutes: minutes,
    });
    return readRecord(db, tickets, id, ["line_items"]);
  },
});

/** `conflict` with free starts where the technician, whose row is locked, is off or somewhere else then. */
async function mustBeFree(
  db: EntityManager,
  who: { technician: Technician; settings: Settings },
  { during, minutes }: { during: Span; minutes: number },
): Promise<void> {
  const { technician, settings } = who;
  const why = await whyNotFree(db, who, during);
  if (!why) return;
  const words = (at: Date) => inWords(at, settings.timezone);
  const starts = await freeStarts(db, who, { earliest: during.from, minutes, count: 3 });
  const alternatives = starts.map((from) => ({
    window_start: from.toISOString(),
    window_end: addMinutes(from, minutes).toISOString(),
    local: words(from),
    timezone: settings.timezone,
    technician_id: technician.id,
  }));
  throw conflict(
    why,
    starts.length > 0
      ? `Free instead: ${starts.map(words).join("; ")}. Ask the customer, then schedule one of them.`
      : "Nothing is free in the week from then on; try a later date.",
    { alternatives },
  );
}

async function whyNotFree(
  db: EntityManager,
  who: { technician: Technician; settings: Settings },
  during: Span,
): Promise<string | null> {
  const { technician, settings } = who;
  const [off] = await daysOff(db, who, during);
  if (off) return `Nobody is booked on ${dayInWords(off[0])}: ${off[1]}.`;
  const [taken] = await busyTimes(db, technician.id, during);
  if (!taken) return null;
  const [from, to] = [taken.from, taken.to].map((at) => inWords(at, settings.timezone));
  return `That slot is taken: ${technician.name} is busy from ${from} until ${to}.`;
}

const dayInWords = (date: string): string =>
  Temporal.PlainDate.from(date).toLocaleString("en-US", { dateStyle: "full" });
