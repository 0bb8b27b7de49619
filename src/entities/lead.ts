import { Check, Column, Entity, Index, JoinColumn, ManyToOne, type Relation } from "typeorm";
import { BusinessRecord, type Personal } from "./columns.ts";
import { Contact, type Phone } from "./contact.ts";

export const LEAD_STATUSES = ["new", "contacted", "qualified", "converted", "lost", "archived"] as const;
export type LeadStatus = (typeof LEAD_STATUSES)[number];

export const URGENCIES = ["low", "medium", "high"] as const;
export type Urgency = (typeof URGENCIES)[number];

/** Fields extracted from the notes: `{"name": {"value": "Martha", "confidence": 0.9}}`, confidence from 0 to 1. */
export type Extracted = Record<string, { value: string; confidence: number }>;

/** An inquiry of a prospect or of a customer. */
@Entity("lead")
@Check("lead_status", `status IN ('${LEAD_STATUSES.join("', '")}')`)
@Check("lead_urgency", `urgency IN ('${URGENCIES.join("', '")}')`)
@Check("lead_converted_has_customer", "status <> 'converted' OR customer_id IS NOT NULL")
@Index("lead_customer", ["customer_id"])
@Index("lead_next_follow_up", ["next_follow_up_at"])
export class Lead extends BusinessRecord {
  static override readonly constraints = {
    lead_converted_has_customer: "A converted lead needs a customer.",
  };

  static override readonly personal: Personal = {
    owners: { customer_id: "contact" },
    history: ["lead", "leads"],
    historyStatuses: ["qualified", "converted"],
    erased: {
      name: null,
      phones: [],
      emails: [],
      source: null,
      raw_notes: "Erased",
      extracted: {},
      lost_reason: null,
    },
  };
  static override readonly label = (row: Partial<Lead>) => row.name ?? row.raw_notes?.slice(0, 40) ?? "";

  @Column({ type: "text", default: "new" })
  status: LeadStatus;

  @Column({ type: "text", nullable: true })
  name: string | null;

  @Column({ type: "jsonb", default: () => "'[]'" })
  phones: Phone[];

  @Column({ type: "text", array: true, default: () => "'{}'" })
  emails: string[];

  /** `phone_call`, `website`, `referral` */
  @Column({ type: "text", nullable: true })
  source: string | null;

  @Column({ type: "text", default: "medium" })
  urgency: Urgency;

  /** The original notes; never edited. */
  @Column({ type: "text" })
  raw_notes: string;

  @Column({ type: "jsonb", default: () => "'{}'" })
  extracted: Extracted;

  @Column({ type: "timestamptz", nullable: true })
  next_follow_up_at: Date | null;

  @Column({ type: "text", nullable: true })
  lost_reason: string | null;

  /** The contact that it refers to or was converted into. */
  @Column({ type: "text", nullable: true })
  customer_id: string | null;

  @ManyToOne(() => Contact, { onDelete: "CASCADE", deferrable: "INITIALLY IMMEDIATE" })
  @JoinColumn({ name: "customer_id" })
  customer?: Relation<Contact> | null;

  @Column({ type: "timestamptz", nullable: true })
  converted_at: Date | null;
}
