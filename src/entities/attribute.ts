import { Check, Column, Entity, Index } from "typeorm";
import { BusinessRecord } from "./columns.ts";

/** Tables whose records can have attributes. */
export const ATTRIBUTE_ENTITIES = ["contact", "ticket", "lead", "service"] as const;
export type AttributeEntity = (typeof ATTRIBUTE_ENTITIES)[number];

export const ATTRIBUTE_TYPES = ["text", "number", "boolean", "date", "select"] as const;
export type AttributeType = (typeof ATTRIBUTE_TYPES)[number];

/** A custom field of the business: its name and type. */
@Entity("attribute")
@Check("attribute_entity", `entity IN ('${ATTRIBUTE_ENTITIES.join("', '")}')`)
@Check("attribute_type", `type IN ('${ATTRIBUTE_TYPES.join("', '")}')`)
@Check("attribute_options", "(type = 'select') = (options <> '{}')")
@Index("attribute_entity_key", ["entity", "key"], { unique: true })
export class Attribute extends BusinessRecord {
  static override readonly constraints = {
    attribute_entity_key: "That kind of record already has an attribute with this key.",
    attribute_options: "Only an attribute of type select has options, and it needs at least one.",
  };
  static override readonly label = (row: Partial<Attribute>) => `${row.entity} ${row.key}`;

  @Column({ type: "text" })
  entity: AttributeEntity;

  @Column({ type: "text" })
  key: string;

  /** Immutable, because values depend on it. */
  @Column({ type: "text" })
  type: AttributeType;

  @Column({ type: "text", nullable: true })
  description: string | null;

  /** The options of a select. */
  @Column({ type: "text", array: true, default: () => "'{}'" })
  options: string[];

  @Column({ type: "boolean", default: false })
  required: boolean;

  @Column({ type: "timestamptz", nullable: true })
  archived_at: Date | null;
}

export const OWNER = { onDelete: "CASCADE", deferrable: "INITIALLY IMMEDIATE" } as const;
