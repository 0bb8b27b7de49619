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
} from "typeorm";
import { BusinessRecord } from "./columns.ts";
import { Address, Contact } from "./contact.ts";
import type { Invoice } from "./invoice.ts";
import { Service } from "./service.ts";
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

/** A visit: work at a customer's address, at an agreed time or not yet. */
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
@Index("ticket_customer", ["customer_id"])
@Index("ticket_address", ["address_id"])
@Index("ticket_technician", ["technician_id"])
@Index("ticket_window_start", ["window_start"])
export class Ticket extends BusinessRecord {
  static override readonly volatile = ["number"];
  static override readonly label = (row: Partial<Ticket>) =>
    row.number ? `Ticket #${row.number}` : "New ticket";

  /** Human number, from a sequence: unique, gaps allowed. */
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

  /** The technician's busy time: the window plus the travel buffer. The exclusion constraint rests on it. */
  @Column({ type: "tstzrange", nullable: true })
  during: string | null;

  @Column({ type: "integer", default: 60 })
  duration_minutes: number;

  /** For the technician. */
  @Column({ type: "text", nullable: true })
  notes: string | null;

  @Column({ type: "text", nullable: true })
  cancel_reason: string | null;

  @Column({ type: "timestamptz", nullable: true })
  actual_start: Date | null;

  @Column({ type: "timestamptz", nullable: true })
  actual_end: Date | null;
}

/** One priced line of a ticket or of an invoice; amounts in minor units of the business currency. */
@Entity("line_item")
@Check(
  "line_item_amounts",
  "quantity > 0 AND unit_price_cents >= 0 AND discount_cents >= 0 AND total_cents >= 0",
)
@Check("line_item_tax", "tax_bp BETWEEN 0 AND 10000")
@Check("line_item_owner", "num_nonnulls(ticket_id, invoice_id) = 1")
@Index("line_item_ticket", ["ticket_id"])
@Index("line_item_invoice", ["invoice_id"])
@Index("line_item_service", ["service_id"])
export class LineItem extends BusinessRecord {
  static override readonly label = (row: Partial<LineItem>) => row.description ?? "";

  @Column({ type: "text", nullable: true })
  ticket_id: string | null;

  @ManyToOne(() => Ticket, { onDelete: "CASCADE", deferrable: "INITIALLY IMMEDIATE" })
  @JoinColumn({ name: "ticket_id" })
  ticket?: Relation<Ticket> | null;

  @Column({ type: "text", nullable: true })
  invoice_id: string | null;

  @ManyToOne("Invoice", { onDelete: "CASCADE", deferrable: "INITIALLY IMMEDIATE" })
  @JoinColumn({ name: "invoice_id" })
  invoice?: Relation<Invoice> | null;

  /** Where its description, price and tax were copied from. */
  @Column({ type: "text", nullable: true })
  service_id: string | null;

  @ManyToOne(() => Service, { onDelete: "SET NULL", deferrable: "INITIALLY IMMEDIATE" })
  @JoinColumn({ name: "service_id" })
  service?: Relation<Service> | null;

  @Column({ type: "text" })
  description: string;

  /** Up to three decimals. */
  @Column({ type: "numeric", precision: 12, scale: 3, default: 1 })
  quantity: number;

  @Column({ type: "bigint" })
  unit_price_cents: number;

  @Column({ type: "bigint", default: 0 })
  discount_cents: number;

  /** Basis points: 550 is 5.5 %. */
  @Column({ type: "integer", default: 0 })
  tax_bp: number;

  @Column({ type: "bigint" })
  total_cents: number;
}
