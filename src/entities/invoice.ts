import { Check, Column, Entity, Index, JoinColumn, ManyToOne, type Relation } from "typeorm";
import { BusinessRecord } from "./columns.ts";
import { Contact } from "./contact.ts";
import { Ticket } from "./ticket.ts";

export const INVOICE_STATUSES = [
  "draft",
  "open",
  "partially_paid",
  "paid",
  "uncollectible",
  "void",
  "partially_refunded",
  "refunded",
] as const;
export type InvoiceStatus = (typeof INVOICE_STATUSES)[number];

/** What a customer owes for work done; amounts in minor units of `currency`. A draft may still go, the rest stays. */
@Entity("invoice")
@Check("invoice_status", `status IN ('${INVOICE_STATUSES.join("', '")}')`)
@Check("invoice_total", "subtotal_cents + tax_cents = total_cents")
@Check("invoice_balance", "paid_cents + credited_cents + due_cents = total_cents")
@Check(
  "invoice_amounts",
  "subtotal_cents >= 0 AND tax_cents >= 0 AND paid_cents >= 0 AND credited_cents >= 0 AND due_cents >= 0",
)
@Check(
  "invoice_draft",
  "status <> 'draft' OR (customer_id IS NOT NULL AND number IS NULL AND paid_cents = 0)",
)
@Check(
  "invoice_finalized",
  "status = 'draft' OR num_nulls(number, issue_date, due_date, customer_name, customer_address) = 0",
)
@Check("invoice_dates", "due_date >= issue_date")
@Index("invoice_customer", ["customer_id"])
@Index("invoice_ticket", ["ticket_id"])
@Index("invoice_unpaid", ["due_date"], { where: "status IN ('open', 'partially_paid')" })
export class Invoice extends BusinessRecord {
  static override readonly volatile = ["number", "pay_token"];
  static override readonly label = (row: Partial<Invoice>) =>
    row.number ? `Invoice #${row.number}` : "Draft invoice";

  /** Given at finalization, without gaps. */
  @Column({ type: "text", nullable: true, unique: true })
  number: string | null;

  @Column({ type: "text", nullable: true })
  customer_id: string | null;

  /** A finalized invoice outlives its customer. */
  @ManyToOne(() => Contact, { onDelete: "SET NULL", deferrable: "INITIALLY IMMEDIATE" })
  @JoinColumn({ name: "customer_id" })
  customer?: Relation<Contact> | null;

  /** Copied at finalization; empty where the customer had no address. */
  @Column({ type: "text", nullable: true })
  customer_name: string | null;

  @Column({ type: "text", nullable: true })
  customer_address: string | null;

  @Column({ type: "text", nullable: true })
  ticket_id: string | null;

  @ManyToOne(() => Ticket, { onDelete: "SET NULL", deferrable: "INITIALLY IMMEDIATE" })
  @JoinColumn({ name: "ticket_id" })
  ticket?: Relation<Ticket> | null;

  @Column({ type: "text", default: "draft" })
  status: InvoiceStatus;

  /** ISO 4217, the business's own when it was made. */
  @Column({ type: "text" })
  currency: string;

  @Column({ type: "bigint", default: 0 })
  subtotal_cents: number;

  @Column({ type: "bigint", default: 0 })
  tax_cents: number;

  @Column({ type: "bigint", default: 0 })
  total_cents: number;

  /** Net of refunds. */
  @Column({ type: "bigint", default: 0 })
  paid_cents: number;

  @Column({ type: "bigint", default: 0 })
  credited_cents: number;

  @Column({ type: "bigint", default: 0 })
  due_cents: number;

  /** A day of the business: `2026-11-22`. */
  @Column({ type: "date", nullable: true })
  issue_date: string | null;

  @Column({ type: "date", nullable: true })
  due_date: string | null;

  /** The secret of its pay link. */
  @Column({ type: "text", nullable: true, unique: true })
  pay_token: string | null;

  @Column({ type: "text", nullable: true })
  notes: string | null;
}
