import { Entity, Check, Column } from "typeorm";
import { BusinessRecord } from "./columns.ts";
import type { WorkingHours } from "./technician.ts";

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

  /** Minutes that stay free after each visit. */
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

  /** Days after the due date on which payment reminders are sent. */
  @Column({ type: "integer", array: true, default: () => "'{1,7,14}'" })
  overdue_reminder_days: number[];

  /** Hours before a visit at which reminders are sent. */
  @Column({ type: "integer", array: true, default: () => "'{24}'" })
  appointment_reminder_hours: number[];

  /** Quiet hours in local time; they span midnight if `from` is later than `to`. */
  @Column({ type: "jsonb", nullable: true })
  quiet_hours: QuietHours | null;

  /** How long a request waits for a person; null: AUTHORIZATION_TTL of the environment. */
  @Column({ type: "integer", nullable: true })
  authorization_ttl_hours: number | null;
}

/** `{"from": "20:00", "to": "08:00"}` */
export interface QuietHours {
  from: string;
  to: string;
}
