import { Entity, Check, Column } from "typeorm";
import { BusinessRecord } from "./columns.ts";
import type { WorkingHours } from "./technician.ts";

/** Local times at which the parts of a day begin and end: `{"morning": {"from": "08:00", "to": "12:00"}, …}` */
export type DayParts = Record<"morning" | "afternoon" | "evening", LocalTimes>;

const DAY_PARTS: DayParts = {
  morning: { from: "08:00", to: "12:00" },
  afternoon: { from: "12:00", to: "17:00" },
  evening: { from: "17:00", to: "20:00" },
};

/** The business itself: one row. */
@Entity("settings")
@Check("settings_single", "id = 'settings'")
export class Settings extends BusinessRecord {
  static override readonly label = (row: Partial<Settings>) => row.business_name ?? "";

  @Column({ type: "text" })
  business_name: string;

  /** IANA zone: all scheduling happens in it. */
  @Column({ type: "text" })
  timezone: string;

  /** ISO 4217 */
  @Column({ type: "text" })
  currency: string;

  /** ISO 3166. Decides whether 1/2 is in January or in February. */
  @Column({ type: "text", default: "US" })
  country: string;

  /** What people call morning, afternoon and evening. */
  @Column({ type: "jsonb", default: DAY_PARTS })
  day_parts: DayParts;

  @Column({ type: "jsonb" })
  working_hours: WorkingHours;

  @Column({ type: "integer", default: 30 })
  slot_minutes: number;

  /** Minutes that stay free after each visit. */
  @Column({ type: "integer", default: 0 })
  travel_buffer_minutes: number;

  /** Free times are offered no sooner than this. */
  @Column({ type: "integer", default: 0 })
  min_notice_minutes: number;

  /** How long an offer to somebody on the waitlist holds. */
  @Column({ type: "integer", default: 4 })
  offer_hours: number;

  /** The technician may arrive up to this many minutes after the start, as customers read it. 0: they read the start. */
  @Column({ type: "integer", default: 0 })
  arrival_window_minutes: number;

  /** How many days ahead the visits of plans are booked. */
  @Column({ type: "integer", default: 35 })
  plan_horizon_days: number;

  /** Default tax rate in basis points. */
  @Column({ type: "integer", default: 0 })
  tax_bp: number;

  /** Before an invoice's number: `INV-` gives INV-1. */
  @Column({ type: "text", default: "INV-" })
  invoice_prefix: string;

  /** From an invoice's issue until it is due. */
  @Column({ type: "integer", default: 30 })
  due_days: number;

  /** Days after the due date on which payment reminders are sent. */
  @Column({ type: "integer", array: true, default: () => "'{1,7,14}'" })
  overdue_reminder_days: number[];

  /** Hours before a visit at which reminders are sent. */
  @Column({ type: "integer", array: true, default: () => "'{24}'" })
  appointment_reminder_hours: number[];

  /** Quiet hours in local time; they span midnight if `from` is later than `to`. */
  @Column({ type: "jsonb", nullable: true })
  quiet_hours: LocalTimes | null;

  /** How long a request waits for a person; null: AUTHORIZATION_TTL of the environment. */
  @Column({ type: "integer", nullable: true })
  authorization_ttl_hours: number | null;
}

/** `{"from": "20:00", "to": "08:00"}` */
export interface LocalTimes {
  from: string;
  to: string;
}
