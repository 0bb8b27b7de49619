import { Check, Column, Entity, Index, JoinColumn, ManyToOne, type Relation } from "typeorm";
import { Address } from "./address.ts";
import { BusinessRecord, type Personal } from "./columns.ts";
import { Contact } from "./contact.ts";
import { Technician, type WorkingHours } from "./technician.ts";
import { Ticket } from "./ticket.ts";

export const WAITLIST_STATES = ["waiting", "offered", "booked", "removed"] as const;
export type WaitlistState = (typeof WAITLIST_STATES)[number];

export const PARTS_OF_DAY = ["morning", "afternoon", "evening"] as const;
export type PartOfDay = (typeof PARTS_OF_DAY)[number];

/** A customer who waits for a free slot, or for an earlier one than they have. */
@Entity("waitlist_entry")
@Check("waitlist_entry_state", `state IN ('${WAITLIST_STATES.join("', '")}')`)
@Index("waitlist_entry_customer", ["customer_id"])
@Index("waitlist_entry_address", ["address_id"])
@Index("waitlist_entry_ticket", ["ticket_id"])
@Index("waitlist_entry_booked_ticket", ["booked_ticket_id"])
@Index("waitlist_entry_offered", ["offer_ends_at"], { where: "state = 'offered'" })
export class WaitlistEntry extends BusinessRecord {
  static override readonly personal: Personal = {
    owners: { customer_id: "contact" },
    erased: { notes: null, removed_reason: null },
  };
  static override readonly volatile = ["offer_token"];
  static override readonly label = (row: Partial<WaitlistEntry>) => row.notes ?? "Waiting for a free slot";

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

  @Column({ type: "text", default: "waiting" })
  state: WaitlistState;

  @Column({ type: "text", array: true, default: () => "'{}'" })
  service_ids: string[];

  /** Null: what the services take, or the visit that they want earlier. */
  @Column({ type: "integer", nullable: true })
  duration_minutes: number | null;

  /** The visit that they want earlier. */
  @Column({ type: "text", nullable: true })
  ticket_id: string | null;

  @ManyToOne(() => Ticket, { onDelete: "SET NULL", deferrable: "INITIALLY IMMEDIATE" })
  @JoinColumn({ name: "ticket_id" })
  ticket?: Relation<Ticket> | null;

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

  /** Whose slot it is. */
  @Column({ type: "text", nullable: true })
  offered_technician_id: string | null;

  @ManyToOne(() => Technician, { deferrable: "INITIALLY IMMEDIATE" })
  @JoinColumn({ name: "offered_technician_id" })
  offered_technician?: Relation<Technician> | null;

  /** The office insisted on a time outside working hours or on a holiday. */
  @Column({ type: "boolean", default: false })
  offered_outside_hours: boolean;

  /** The offer holds until then. */
  @Column({ type: "timestamptz", nullable: true })
  offer_ends_at: Date | null;

  /** Of the customer's link to an offer: /visit/{token}. */
  @Column({ type: "text", unique: true, default: () => "new_token()" })
  offer_token: string;

  /** The visit that came of it. */
  @Column({ type: "text", nullable: true })
  booked_ticket_id: string | null;

  @ManyToOne(() => Ticket, { onDelete: "SET NULL", deferrable: "INITIALLY IMMEDIATE" })
  @JoinColumn({ name: "booked_ticket_id" })
  booked_ticket?: Relation<Ticket> | null;

  @Column({ type: "text", nullable: true })
  removed_reason: string | null;
}
