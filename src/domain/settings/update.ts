import { isSupportedCountry } from "libphonenumber-js/min";
import { z } from "zod";
import { Settings } from "../../entities/settings.ts";
import { defineAction } from "../core/action.ts";
import { isCurrency } from "../core/money.ts";
import { findOrFail, update } from "../core/records.ts";
import { text } from "../core/fields.ts";
import { isZone } from "../core/time.ts";
import { timeOfDay, DEFAULT_HOURS, workingHoursInput } from "../technician/working-hours.ts";
import { SETTINGS_ID } from "./current.ts";

const DEFAULTS = {
  business_name: "My business",
  timezone: "America/Chicago",
  currency: "USD",
  working_hours: DEFAULT_HOURS,
};

const partOfDay = z
  .strictObject({ from: timeOfDay, to: timeOfDay })
  .refine(({ from, to }) => from < to, { path: ["to"], error: "must be later than from" });

/** A time must not be in two parts of the day. There may be time between them that has no name. */
const partsOfDay = z
  .strictObject({ morning: partOfDay, afternoon: partOfDay, evening: partOfDay })
  .refine(({ morning, afternoon }) => morning.to <= afternoon.from, {
    path: ["afternoon", "from"],
    error: "must not be before the morning ends",
  })
  .refine(({ afternoon, evening }) => afternoon.to <= evening.from, {
    path: ["evening", "from"],
    error: "must not be before the afternoon ends",
  });

/** Reminder offsets, sorted and unique; an empty list turns reminders off. */
const reminderSteps = (most: number) =>
  z
    .array(z.int().min(1).max(most))
    .max(10)
    .transform((steps) => [...new Set(steps)].sort((a, b) => a - b));

export const updateSettings = defineAction({
  domain: "settings",
  name: "update",
  summary:
    "Update the business settings: name, zone, currency, hours, slots, travel, plans, tax, invoices, reminders, authorization.",
  permission: "unrestricted",
  audience: "people",
  input: z
    .strictObject({
      business_name: text(200).describe("Name that customers see"),
      timezone: z
        .string()
        .max(64)
        .refine(isZone, "must be an IANA time zone such as America/Chicago")
        .describe("Time zone of all scheduling"),
      currency: z
        .string()
        .max(3)
        .refine(isCurrency, "must be an ISO 4217 code such as USD")
        .describe("Currency of all prices"),
      country: z
        .string()
        .trim()
        .toUpperCase()
        .regex(/^[A-Z]{2}$/, { error: "must be a two-letter country code such as US", abort: true })
        .refine(
          isSupportedCountry,
          "has no phone numbers that are known; give the ISO 3166 code of the country, such as GB for the UK",
        )
        .describe("Country of the business, ISO 3166: in US 1/2 is January 2; new addresses are in it"),
      day_parts: partsOfDay.describe(
        'What people call parts of the day, {"morning": {"from": "08:00", "to": "12:00"}, …}',
      ),
      working_hours: workingHoursInput,
      slot_minutes: z.int().min(5).max(240).describe("Step between suggested start times"),
      travel_buffer_minutes: z.int().min(0).max(240).describe("Free time after each visit"),
      min_notice_minutes: z.int().min(0).max(10_080).describe("Free times are offered no sooner than this"),
      offer_hours: z
        .int()
        .min(1)
        .max(24 * 14)
        .describe("Hours that an offer to somebody on the waitlist holds"),
      arrival_window_minutes: z
        .int()
        .min(0)
        .max(480)
        .describe("Customers read an arrival within this many minutes of the start; 0: the exact time"),
      plan_horizon_days: z.int().min(7).max(180).describe("Days ahead that plans book visits; default 35"),
      tax_bp: z.int().min(0).max(10_000).describe("Default tax rate in basis points: 550 is 5.5 %"),
      invoice_prefix: z
        .string()
        .max(20)
        .regex(/^[A-Za-z0-9/_-]*$/, "may contain letters, digits, -, / and _")
        .describe("Prefix of invoice numbers: INV- gives INV-1"),
      due_days: z.int().min(0).max(365).describe("Days from issue to due date of an invoice"),
      overdue_reminder_days: reminderSteps(365).describe(
        "Days after the due date when an invoice reminder is sent",
      ),
      appointment_reminder_hours: reminderSteps(24 * 30).describe(
        "Hours before a visit when a reminder is sent",
      ),
      quiet_hours: z
        .strictObject({ from: timeOfDay, to: timeOfDay })
        .refine(({ from, to }) => from !== to, { path: ["to"], error: "must differ from from" })
        .nullable()
        .describe('Local times between which no reminders are sent, {"from": "20:00", "to": "08:00"}'),
      authorization_ttl_hours: z
        .int()
        .min(1)
        .max(24 * 90)
        .nullable()
        .describe("Hours until a request for authorization expires; null: AUTHORIZATION_TTL"),
    })
    .partial(),
  example: { business_name: "Clear View Windows", timezone: "America/Chicago", travel_buffer_minutes: 15 },

  async handler(context, input) {
    const { db, now } = context;
    const where = { id: SETTINGS_ID };
    const settings = await db.findOne(Settings, { where, lock: { mode: "pessimistic_write" } });
    if (settings) return update(context, settings, input);
    const first = { ...DEFAULTS, ...input, ...where, created_at: now, updated_at: now };
    await db.createQueryBuilder().insert().into(Settings).values(first).updateEntity(false).execute();
    return findOrFail(db, Settings, SETTINGS_ID);
  },
});
