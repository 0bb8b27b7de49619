import { Check, Column, Entity, Index, JoinColumn, ManyToOne, type Relation } from "typeorm";
import { BusinessRecord } from "./columns.ts";
import { Contact } from "./contact.ts";
import { Lead } from "./lead.ts";
import { Service } from "./service.ts";
import { Ticket } from "./ticket.ts";

/** The records that can carry attributes, by their table. */
export const ATTRIBUTE_ENTITIES = ["contact", "ticket", "lead", "service"] as const;
export type AttributeEntity = (typeof ATTRIBUTE_ENTITIES)[number];

export const ATTRIBUTE_TYPES = ["text", "number", "boolean", "date", "select"] as const;
export type AttributeType = (typeof ATTRIBUTE_TYPES)[number];

/** A field of the business's own: what it is called, and what fits. */
@Entity("attribute")
@Check("attribute_entity", `entity IN ('${ATTRIBUTE_ENTITIES.join("', '")}')`)
@Check("attribute_type", `type IN ('${ATTRIBUTE_TYPES.join("', '")}')`)
@Check("attribute_options", "(type = 'select') = (options <> '{}')")
@Index("attribute_entity_key", ["entity", "key"], { unique: true })
export class Attribute extends BusinessRecord {
  static override readonly label = (row: Partial<Attribute>) => `${row.entity} ${row.key}`;

  @Column({ type: "text" })
  entity: AttributeEntity;

  @Column({ type: "text" })
  key: string;

  /** Never changes: the values rest on it. */
  @Column({ type: "text" })
  type: AttributeType;

  @Column({ type: "text", nullable: true })
  description: string | null;

  /** Of a select. */
  @Column({ type: "text", array: true, default: () => "'{}'" })
  options: string[];

  @Column({ type: "boolean", default: false })
  required: boolean;

  @Column({ type: "timestamptz", nullable: true })
  archived_at: Date | null;
}

const OWNER = { onDelete: "CASCADE", deferrable: "INITIALLY IMMEDIATE" } as const;

/** What one record says to one attribute. It goes with either of the two. */
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
  static override readonly label = (row: Partial<AttributeValue>) => String(row.value ?? "");

  @Column({ type: "text" })
  attribute_id: string;

  @ManyToOne(() => Attribute, OWNER)
  @JoinColumn({ name: "attribute_id" })
  attribute?: Relation<Attribute>;

  /** The attribute's, for the check. */
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
