import { Check, Column, Entity, Index } from "typeorm";
import { BusinessRecord } from "./columns.ts";

/** Something the business does for a price. */
@Entity("service")
@Check("service_amounts", "unit_price_cents >= 0 AND duration_minutes > 0")
@Index("service_name", ["name"])
export class Service extends BusinessRecord {
  static override readonly constraints = {
    service_amounts: "A service needs a price of at least 0 and a duration above 0.",
  };
  static override readonly label = (row: Partial<Service>) => row.name ?? "";

  @Column({ type: "text" })
  name: string;

  @Column({ type: "text", nullable: true })
  description: string | null;

  @Column({ type: "bigint" })
  unit_price_cents: number;

  @Column({ type: "integer", default: 60 })
  duration_minutes: number;

  /** A skill that the technician must have. */
  @Column({ type: "text", nullable: true })
  required_skill: string | null;

  @Column({ type: "boolean", default: true })
  taxable: boolean;

  /** Whether it is offered. */
  @Column({ type: "boolean", default: true })
  active: boolean;

  @Column({ type: "timestamptz", nullable: true })
  archived_at: Date | null;
}
