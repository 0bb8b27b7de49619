import { Check, Column, Entity, Index, JoinColumn, ManyToOne, type Relation } from "typeorm";
import { BusinessRecord, type Personal } from "./columns.ts";
import { Contact } from "./contact.ts";
import type { WorkingHours } from "./technician.ts";

export const WAITLIST_STATES = ["waiting", "offered", "removed"] as const;
export type WaitlistState = (typeof WAITLIST_STATES)[number];

export const PARTS_OF_DAY = ["morning", "afternoon", "evening"] as const;
export type PartOfDay = (typeof PARTS_OF_DAY)[number];

/** A customer who waits for a free slot. */
@Entity("waitlist_entry")
@Check("waitlist_entry_state", `state IN ('${WAITLIST_STATES.join("', '")}')`)
@Index("waitlist_entry_customer", ["customer_id"])
export class WaitlistEntry extends BusinessRecord {
  static override readonly personal: Personal = {
    owners: { customer_id: "contact" },
    erased: { notes: null, removed_reason: null },
  };
  static override readonly label = (row: Partial<WaitlistEntry>) => row.notes ?? "Waiting for a free slot";

  @Column({ type: "text" })
  customer_id: string;

  @ManyToOne(() => Contact, { onDelete: "CASCADE", deferrable: "INITIALLY IMMEDIATE" })
  @JoinColumn({ name: "customer_id" })
  customer?: Relation<Contact>;

  @Column({ type: "text", default: "waiting" })
  state: WaitlistState;

  @Column({ type: "text", array: true, default: () => "'{}'" })
  service_ids: string[];

  /** Acceptable weekdays; empty: any. */
  @Column({ type: "text", array: true, default: () => "'{}'" })
  days: (keyof WorkingHours)[];

  /** Acceptable parts of the day; empty: any. */
  @Column({ type: "text", array: true, default: () => "'{}'" })
  times: PartOfDay[];

  /** The latest acceptable day. */
  @Column({ type: "date", nullable: true })
  until: string | null;

  @Column({ type: "text", nullable: true })
  notes: string | null;

  /** The slot offered last. */
  @Column({ type: "timestamptz", nullable: true })
  offered_start: Date | null;

  @Column({ type: "timestamptz", nullable: true })
  offered_at: Date | null;

  @Column({ type: "text", nullable: true })
  removed_reason: string | null;
}
