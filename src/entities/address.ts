import { Entity, Check, Index, Column, ManyToOne, JoinColumn, type Relation } from "typeorm";
import { BusinessRecord, type Personal } from "./columns.ts";
import { Contact } from "./contact.ts";

/** Where a contact is visited or billed. */
@Entity("address")
@Check("address_kind", "kind IN ('service', 'billing')")
@Index("address_contact", ["contact_id"])
export class Address extends BusinessRecord {
  static override readonly personal: Personal = {
    owners: { contact_id: "contact" },
    erased: {
      label: "Erased",
      lines: ["Erased"],
      city: null,
      region: null,
      postal_code: null,
      access_notes: null,
    },
  };
  static override readonly label = (row: Partial<Address>) => `${row.label}: ${row.lines?.[0] ?? ""}`;

  @Column({ type: "text" })
  contact_id: string;

  @ManyToOne(() => Contact, { onDelete: "CASCADE", deferrable: "INITIALLY IMMEDIATE" })
  @JoinColumn({ name: "contact_id" })
  contact?: Relation<Contact>;

  @Column({ type: "text", default: "Home" })
  label: string;

  @Column({ type: "text", array: true })
  lines: string[];

  @Column({ type: "text", nullable: true })
  city: string | null;

  @Column({ type: "text", nullable: true })
  region: string | null;

  @Column({ type: "text", nullable: true })
  postal_code: string | null;

  /** ISO 3166 alpha-2 */
  @Column({ type: "text", default: "US" })
  country: string;

  @Column({ type: "text", nullable: true })
  access_notes: string | null;

  @Column({ type: "text", default: "service" })
  kind: "service" | "billing";
}
