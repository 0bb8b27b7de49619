import { Check, Column, Entity, Index, JoinColumn, ManyToOne, type Relation } from "typeorm";
import { Address } from "./address.ts";
import { BusinessRecord, type Personal } from "./columns.ts";
import { Contact } from "./contact.ts";
import { Technician } from "./technician.ts";

export const PLAN_STATES = ["active", "paused", "ended"] as const;
export type PlanState = (typeof PLAN_STATES)[number];

/** A line of each visit, with the price of the day on which it was agreed. */
export interface PlanLine {
  service_id?: string;
  description: string;
  quantity: number;
  unit_price_cents: number;
  discount_cents: number;
  /** Default: the business's rate when the visit is made. */
  tax_bp?: number | undefined;
}

/** A recurring visit. */
@Entity("plan")
@Check("plan_state", `state IN ('${PLAN_STATES.join("', '")}')`)
@Index("plan_customer", ["customer_id"])
@Index("plan_address", ["address_id"])
@Index("plan_technician", ["technician_id"])
export class Plan extends BusinessRecord {
  static override readonly personal: Personal = {
    owners: { customer_id: "contact" },
    erased: { notes: null, state_reason: null, line_items: [] },
  };
  static override readonly label = (row: Partial<Plan>) => `Plan: ${row.repeats ?? ""}`;

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

  /** Goes where they are free. */
  @Column({ type: "text", nullable: true })
  technician_id: string | null;

  @ManyToOne(() => Technician, { deferrable: "INITIALLY IMMEDIATE" })
  @JoinColumn({ name: "technician_id" })
  technician?: Relation<Technician> | null;

  @Column({ type: "text", default: "active" })
  state: PlanState;

  /** No date is earlier. The rule counts its weeks and months from here. */
  @Column({ type: "date" })
  first_day: string;

  /** `09:00`, in the business zone. */
  @Column({ type: "text" })
  local_time: string;

  @Column({ type: "integer" })
  duration_minutes: number;

  /** RFC 5545, without an end: `FREQ=WEEKLY;INTERVAL=2;BYDAY=TU` */
  @Column({ type: "text" })
  rule: string;

  /** Rule and time for a person: `every other Tuesday at 9:00 AM` */
  @Column({ type: "text" })
  repeats: string;

  /** The last day. */
  @Column({ type: "date", nullable: true })
  ends_on: string | null;

  /** Dates that are skipped: `2026-12-24` */
  @Column({ type: "text", array: true, default: () => "'{}'" })
  exceptions: string[];

  @Column({ type: "jsonb", default: [] })
  line_items: PlanLine[];

  /** For the technician, on each visit. */
  @Column({ type: "text", nullable: true })
  notes: string | null;

  /** Why it was paused or ended. */
  @Column({ type: "text", nullable: true })
  state_reason: string | null;
}
