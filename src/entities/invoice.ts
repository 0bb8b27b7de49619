import { Check, Column, Entity, Index, JoinColumn, ManyToOne, type Relation } from "typeorm";
import { BusinessRecord, type Personal } from "./columns.ts";
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

/** A customer's invoice; amounts in minor units of `currency`. Only a draft can be deleted. */
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
  static override readonly personal: Personal = {
    owners: { customer_id: "contact" },
    erased: { notes: null },
    history: ["invoice", "invoices"],
  };
  static override readonly volatile = ["number", "pay_token"];
  static override readonly constraints = {
    invoice_total: "Subtotal and tax must add up to the total.",
    invoice_balance: "Paid, credited and due amounts must add up to the total.",
    invoice_amounts: "The amounts of an invoice must not be negative.",
    invoice_draft: "A draft invoice needs a customer, and has no number and no payments yet.",
    invoice_finalized: "A finalized invoice needs a number, dates and a customer.",
    invoice_dates: "The due date must not be before the issue date.",
  };
  static override readonly label = (row: Partial<Invoice>) =>
    row.number ? `Invoice #${row.number}` : "Draft invoice";

  /** Assigned at finalization, without gaps. */
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

  /** ISO 4217: the currency of the business at creation. */
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

  /** A date in the business zone: `2026-11-22`. */
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
