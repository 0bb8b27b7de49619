import { Entity, Check, Index, Column, ManyToOne, JoinColumn, type Relation } from "typeorm";
import { BusinessRecord, type Personal } from "./columns.ts";
import type { Invoice } from "./invoice.ts";
import { Service } from "./service.ts";
import { Ticket } from "./ticket.ts";

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
  static override readonly constraints = {
    line_item_amounts:
      "A line needs a quantity above 0, and its price, discount and total must not be negative.",
    line_item_tax: "The tax rate must be between 0 and 100 %.",
  };

  static override readonly personal: Personal = {
    owners: { ticket_id: "ticket" },
    erased: { description: "Erased" },
  };
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
