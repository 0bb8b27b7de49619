import { Check, Column, Entity } from "typeorm";
import { BusinessRecord } from "./columns.ts";

/** Local times per weekday, `null` on days off: `{"monday": ["08:00", "17:00"], "sunday": null}`. */
export type WorkingHours = Record<
  "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday",
  [string, string] | null
>;

/** `{"from": "20:00", "to": "08:00"}` */
export interface QuietHours {
  from: string;
  to: string;
}

@Entity("technician")
export class Technician extends BusinessRecord {
  static override readonly label = (row: Partial<Technician>) => row.name ?? "";

  @Column({ type: "text" })
  name: string;

  @Column({ type: "text", array: true, default: () => "'{}'" })
  skills: string[];

  @Column({ type: "jsonb" })
  working_hours: WorkingHours;

  /** Days off, `[{"from": "2026-12-24", "to": "2026-12-26"}]`, both inclusive. */
  @Column({ type: "jsonb", default: () => "'[]'" })
  time_off: { from: string; to: string }[];

  @Column({ type: "boolean", default: true })
  active: boolean;
}

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

  @Column({ type: "jsonb" })
  working_hours: WorkingHours;

  @Column({ type: "integer", default: 30 })
  slot_minutes: number;

  /** Kept free after each visit. */
  @Column({ type: "integer", default: 0 })
  travel_buffer_minutes: number;

  /** Default tax rate in basis points. */
  @Column({ type: "integer", default: 0 })
  tax_bp: number;

  /** Before an invoice's number: `INV-` gives INV-1. */
  @Column({ type: "text", default: "INV-" })
  invoice_prefix: string;

  /** From an invoice's issue until it is due. */
  @Column({ type: "integer", default: 30 })
  due_days: number;

  /** Days after an invoice was due at which it is recalled. */
  @Column({ type: "integer", array: true, default: () => "'{1,7,14}'" })
  overdue_reminder_days: number[];

  /** Hours before a visit at which it is recalled. */
  @Column({ type: "integer", array: true, default: () => "'{24}'" })
  appointment_reminder_hours: number[];

  /** Local times between which nothing is sent; over midnight where `from` is the later one. */
  @Column({ type: "jsonb", nullable: true })
  quiet_hours: QuietHours | null;

  /** How long a request waits for a person; the environment's AUTHORIZATION_TTL where null. */
  @Column({ type: "integer", nullable: true })
  authorization_ttl_hours: number | null;
}
