import { Check, Column, Entity, Index, JoinColumn, ManyToOne, type Relation } from "typeorm";
import { BusinessRecord, type Personal } from "./columns.ts";

export interface Phone {
  /** E.164 */
  number: string;
  label: string | null;
}

/** A customer or prospect. */
@Entity("contact")
@Check("contact_kind", "kind IN ('person', 'company')")
@Check("contact_merged", "merged_into_id IS NULL OR (archived_at IS NOT NULL AND merged_into_id <> id)")
@Index("contact_merged_into", ["merged_into_id"], { where: "merged_into_id IS NOT NULL" })
@Index("contact_phones", { synchronize: false })
@Index("contact_emails", { synchronize: false })
@Index("contact_by_created", ["created_at", "id"])
@Index("contact_by_updated", ["updated_at", "id"])
@Index("contact_by_name", { synchronize: false })
export class Contact extends BusinessRecord {
  static override readonly constraints = {
    contact_merged: "A merged customer must be archived and must point to another customer.",
  };

  static override readonly personal: Personal = {
    owners: { merged_into_id: "contact" },
    erased: {
      name: "Erased customer",
      company: null,
      phones: [],
      emails: [],
      preferred_channel: null,
      do_not_contact: true,
      tags: [],
      notes: null,
      source: null,
    },
  };
  static override readonly label = (row: Partial<Contact>) => row.name ?? "";

  @Column({ type: "text", default: "person" })
  kind: "person" | "company";

  @Column({ type: "text" })
  name: string;

  @Column({ type: "text", nullable: true })
  company: string | null;

  @Column({ type: "jsonb", default: () => "'[]'" })
  phones: Phone[];

  @Column({ type: "text", array: true, default: () => "'{}'" })
  emails: string[];

  @Column({ type: "text", nullable: true })
  preferred_channel: "email" | "sms" | "phone" | null;

  @Column({ type: "boolean", default: false })
  do_not_contact: boolean;

  @Column({ type: "text", array: true, default: () => "'{}'" })
  tags: string[];

  @Column({ type: "text", nullable: true })
  notes: string | null;

  @Column({ type: "text", nullable: true })
  source: string | null;

  /** The contact that this duplicate was merged into. The duplicate only forwards its old id. */
  @Column({ type: "text", nullable: true })
  merged_into_id: string | null;

  @ManyToOne(() => Contact, { onDelete: "CASCADE", deferrable: "INITIALLY IMMEDIATE" })
  @JoinColumn({ name: "merged_into_id" })
  merged_into?: Relation<Contact> | null;

  @Column({ type: "timestamptz", nullable: true })
  archived_at: Date | null;
}
