import {
  Check,
  Column,
  Entity,
  Exclusion,
  Generated,
  Index,
  JoinColumn,
  ManyToOne,
  type Relation,
  Unique,
} from "typeorm";
import { BusinessRecord, type Personal } from "./columns.ts";
import { Contact } from "./contact.ts";
import { Address } from "./address.ts";
import { Plan } from "./plan.ts";
import { Technician } from "./technician.ts";

export const TICKET_STATUSES = [
  "unscheduled",
  "scheduled",
  "in_progress",
  "completed",
  "cancelled",
  "no_show",
] as const;
export type TicketStatus = (typeof TICKET_STATUSES)[number];

/** A visit: work at a customer's address, scheduled or not. */
@Entity("ticket")
@Check("ticket_status", `status IN ('${TICKET_STATUSES.join("', '")}')`)
@Check(
  "ticket_scheduled_has_technician",
  "status <> 'scheduled' OR (technician_id IS NOT NULL AND during IS NOT NULL)",
)
@Check("ticket_window", "window_end IS NULL OR window_end > window_start")
@Exclusion(
  "ticket_no_double_booking",
  "USING gist (technician_id WITH =, during WITH &&) WHERE (status IN ('scheduled', 'in_progress'))",
)
@Unique("ticket_plan_date_key", ["plan_id", "plan_date"])
@Index("ticket_customer", ["customer_id"])
@Index("ticket_address", ["address_id"])
@Index("ticket_technician", ["technician_id"])
@Index("ticket_window_start", ["window_start"])
export class Ticket extends BusinessRecord {
  static override readonly personal: Personal = {
    owners: { customer_id: "contact" },
    erased: { notes: null, cancel_reason: null, needs_time_reason: null },
    history: ["ticket", "tickets"],
    successor: "rescheduled_from_id",
  };
  static override readonly volatile = ["number", "visit_token"];
  static override readonly constraints = {
    ticket_no_double_booking: "The technician already has a visit at that time.",
    ticket_scheduled_has_technician: "A scheduled visit needs a technician and a time.",
    ticket_window: "The visit must end after it starts.",
    ticket_rescheduled_from_id_key: "The visit has been rescheduled already.",
    ticket_plan_date_key: "The plan already has a visit for that date.",
  };
  static override readonly label = (row: Partial<Ticket>) =>
    row.number ? `Ticket #${row.number}` : "New ticket";

  /** Number for people, from a sequence: unique, gaps allowed. */
  @Column({ type: "bigint", unique: true })
  @Generated("increment")
  number: number;

  @Column({ type: "text" })
  customer_id: string;

  @ManyToOne(() => Contact, { onDelete: "CASCADE", deferrable: "INITIALLY IMMEDIATE" })
  @JoinColumn({ name: "customer_id" })
  customer?: Relation<Contact>;

  @Column({ type: "text", nullable: true })
  address_id: string | null;

  @ManyToOne(() => Address, { onDelete: "SET NULL", deferrable: "INITIALLY IMMEDIATE" })
  @JoinColumn({ name: "address_id" })
  address?: Relation<Address> | null;

  @Column({ type: "text", nullable: true })
  technician_id: string | null;

  @ManyToOne(() => Technician, { deferrable: "INITIALLY IMMEDIATE" })
  @JoinColumn({ name: "technician_id" })
  technician?: Relation<Technician> | null;

  @Column({ type: "text", default: "unscheduled" })
  status: TicketStatus;

  @Column({ type: "timestamptz", nullable: true })
  window_start: Date | null;

  @Column({ type: "timestamptz", nullable: true })
  window_end: Date | null;

  /** The technician's busy time: the window plus the travel buffer. The exclusion constraint uses it. */
  @Column({ type: "tstzrange", nullable: true })
  during: string | null;

  /** Somebody insisted on a time outside working hours or on a holiday. */
  @Column({ type: "boolean", default: false })
  outside_hours: boolean;

  @Column({ type: "integer", default: 60 })
  duration_minutes: number;

  /** For the technician. */
  @Column({ type: "text", nullable: true })
  notes: string | null;

  @Column({ type: "text", nullable: true })
  cancel_reason: string | null;

  /** The cancelled visit whose place this one took. */
  @Column({ type: "text", nullable: true, unique: true })
  rescheduled_from_id: string | null;

  @ManyToOne(() => Ticket, { onDelete: "SET NULL", deferrable: "INITIALLY IMMEDIATE" })
  @JoinColumn({ name: "rescheduled_from_id" })
  rescheduled_from?: Relation<Ticket> | null;

  /** Of the customer's link: /visit/{token}. */
  @Column({ type: "text", unique: true, default: () => "new_token()" })
  visit_token: string;

  /** The customer pressed the button that confirms the visit. */
  @Column({ type: "timestamptz", nullable: true })
  confirmed_at: Date | null;

  /** The customer asked for another time; null once that is settled. */
  @Column({ type: "timestamptz", nullable: true })
  change_requested_at: Date | null;

  @Column({ type: "text", nullable: true })
  plan_id: string | null;

  @ManyToOne(() => Plan, { onDelete: "SET NULL", deferrable: "INITIALLY IMMEDIATE" })
  @JoinColumn({ name: "plan_id" })
  plan?: Relation<Plan> | null;

  /** The date of the plan that it stands for, also where it was moved to another day. */
  @Column({ type: "date", nullable: true })
  plan_date: string | null;

  /** When the plan wanted it. One that begins at another time was moved, and stays moved. */
  @Column({ type: "timestamptz", nullable: true })
  planned_start: Date | null;

  /** Why it could not be booked by itself. */
  @Column({ type: "text", nullable: true })
  needs_time_reason: string | null;

  @Column({ type: "timestamptz", nullable: true })
  actual_start: Date | null;

  @Column({ type: "timestamptz", nullable: true })
  actual_end: Date | null;
}
