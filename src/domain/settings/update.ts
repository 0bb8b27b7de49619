import { z } from "zod";
import { Settings } from "../../entities/technician.ts";
import { defineAction } from "../core/action.ts";
import { isCurrency } from "../core/money.ts";
import { findOrFail, update } from "../core/records.ts";
import { text } from "../core/text.ts";
import { isZone } from "../core/time.ts";
import { timeOfDay, USUAL_HOURS, workingHoursInput } from "../technician/working-hours.ts";
import { SETTINGS_ID } from "./current.ts";

const FIRST = {
  business_name: "My business",
  timezone: "America/Chicago",
  currency: "USD",
  working_hours: USUAL_HOURS,
};

/** Rungs of a ladder of reminders, the smallest first; empty: none. */
const ladder = (most: number) =>
  z
    .array(z.int().min(1).max(most))
    .max(10)
    .transform((rungs) => [...new Set(rungs)].sort((a, b) => a - b));

export const updateSettings = defineAction({
  domain: "settings",
  name: "update",
  summary:
    "Change how the business works: name, zone, currency, hours, slots, travel, tax, invoices, reminders, waiting.",
  permission: "unrestricted",
  audience: "people",
  input: z
    .strictObject({
      business_name: text(200).describe("Shown to customers"),
      timezone: z
        .string()
        .max(64)
        .refine(isZone, "must be an IANA time zone such as America/Chicago")
        .describe("All scheduling happens in this zone"),
      currency: z
        .string()
        .max(3)
        .refine(isCurrency, "must be an ISO 4217 code such as USD")
        .describe("Of all prices"),
      working_hours: workingHoursInput,
      slot_minutes: z.int().min(5).max(240).describe("Visits begin on multiples of it"),
      travel_buffer_minutes: z.int().min(0).max(240).describe("Kept free after each visit"),
      tax_bp: z.int().min(0).max(10_000).describe("Default tax rate in basis points: 550 is 5.5 %"),
      invoice_prefix: z
        .string()
        .max(20)
        .regex(/^[A-Za-z0-9/_-]*$/, "may hold letters, digits, -, / and _")
        .describe("Before an invoice's number: INV- gives INV-1"),
      due_days: z.int().min(0).max(365).describe("From an invoice's issue until it is due"),
      overdue_reminder_days: ladder(365).describe("Days after the due date at which an invoice is recalled"),
      appointment_reminder_hours: ladder(24 * 30).describe("Hours before a visit at which it is recalled"),
      quiet_hours: z
        .strictObject({ from: timeOfDay, to: timeOfDay })
        .refine(({ from, to }) => from !== to, { path: ["to"], error: "must differ from from" })
        .nullable()
        .describe('Local times between which no reminder is sent, {"from": "20:00", "to": "08:00"}'),
      authorization_ttl_hours: z
        .int()
        .min(1)
        .max(24 * 90)
        .nullable()
        .describe("How long a request waits for a person; null: as the environment says"),
    })
    .partial(),
  example: { business_name: "Clear View Windows", timezone: "America/Chicago", travel_buffer_minutes: 15 },

  async handler(context, input) {
    const { db, now } = context;
    const where = { id: SETTINGS_ID };
    const settings = await db.findOne(Settings, { where, lock: { mode: "pessimistic_write" } });
    if (settings) return update(context, Settings, settings, input);
    const first = { ...FIRST, ...input, ...where, created_at: now, updated_at: now };
    await db.createQueryBuilder().insert().into(Settings).values(first).updateEntity(false).execute();
    return findOrFail(db, Settings, SETTINGS_ID);
  },
});
