import { Column, Entity, Index } from "typeorm";
import { BusinessRecord } from "./columns.ts";

/** A day on which the business is closed. */
@Entity("holiday")
@Index("holiday_date", ["date"], { unique: true, where: "archived_at IS NULL" })
export class Holiday extends BusinessRecord {
  static override readonly constraints = {
    holiday_date: "That day already has a holiday.",
  };
  static override readonly label = (row: Partial<Holiday>) => `${row.name} (${row.date})`;

  @Column({ type: "date" })
  date: string;

  @Column({ type: "text" })
  name: string;

  @Column({ type: "timestamptz", nullable: true })
  archived_at: Date | null;
}
