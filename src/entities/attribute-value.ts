import { Entity, Check, Index, Column, ManyToOne, JoinColumn, type Relation } from "typeorm";
import { Attribute, OWNER, type AttributeType } from "./attribute.ts";
import { BusinessRecord, type Personal } from "./columns.ts";
import { Contact } from "./contact.ts";
import { Lead } from "./lead.ts";
import { Service } from "./service.ts";
import { Ticket } from "./ticket.ts";

/** The value of one attribute for one record. Deleted with either of them. */
@Entity("attribute_value")
@Check("attribute_value_owner", "num_nonnulls(contact_id, ticket_id, lead_id, service_id) = 1")
@Check(
  "attribute_value_type",
  "jsonb_typeof(value) = CASE type WHEN 'number' THEN 'number' WHEN 'boolean' THEN 'boolean' ELSE 'string' END",
)
@Index("attribute_value_value", ["attribute_id", "value"])
@Index("attribute_value_contact", ["contact_id", "attribute_id"], {
  unique: true,
  where: "contact_id IS NOT NULL",
})
@Index("attribute_value_ticket", ["ticket_id", "attribute_id"], {
  unique: true,
  where: "ticket_id IS NOT NULL",
})
@Index("attribute_value_lead", ["lead_id", "attribute_id"], { unique: true, where: "lead_id IS NOT NULL" })
@Index("attribute_value_service", ["service_id", "attribute_id"], {
  unique: true,
  where: "service_id IS NOT NULL",
})
export class AttributeValue extends BusinessRecord {
  static override readonly constraints = {
    attribute_value_contact: "The customer already has a value for this attribute.",
    attribute_value_ticket: "The visit already has a value for this attribute.",
    attribute_value_lead: "The lead already has a value for this attribute.",
    attribute_value_service: "The service already has a value for this attribute.",
    attribute_value_type: "The value does not match the attribute's type.",
  };

  static override readonly personal: Personal = {
    owners: { contact_id: "contact", ticket_id: "ticket", lead_id: "lead" },
    erased: "delete",
    onePer: "attribute_id",
  };
  static override readonly label = (row: Partial<AttributeValue>) => String(row.value ?? "");

  @Column({ type: "text" })
  attribute_id: string;

  @ManyToOne(() => Attribute, OWNER)
  @JoinColumn({ name: "attribute_id" })
  attribute?: Relation<Attribute>;

  /** The attribute's type, copied for the CHECK constraint. */
  @Column({ type: "text" })
  type: AttributeType;

  /** A date is text, `2026-11-23`. */
  @Column({ type: "jsonb" })
  value: string | number | boolean;

  @Column({ type: "text", nullable: true })
  contact_id: string | null;

  @ManyToOne(() => Contact, OWNER)
  @JoinColumn({ name: "contact_id" })
  contact?: Relation<Contact> | null;

  @Column({ type: "text", nullable: true })
  ticket_id: string | null;

  @ManyToOne(() => Ticket, OWNER)
  @JoinColumn({ name: "ticket_id" })
  ticket?: Relation<Ticket> | null;

  @Column({ type: "text", nullable: true })
  lead_id: string | null;

  @ManyToOne(() => Lead, OWNER)
  @JoinColumn({ name: "lead_id" })
  lead?: Relation<Lead> | null;

  @Column({ type: "text", nullable: true })
  service_id: string | null;

  @ManyToOne(() => Service, OWNER)
  @JoinColumn({ name: "service_id" })
  service?: Relation<Service> | null;
}
