import { Column, Entity, JoinColumn, OneToOne, PrimaryColumn, type Relation } from "typeorm";
import { Technician } from "./technician.ts";

/** The link of a technician's calendar feed. No business record: its secret belongs in no recorded change. */
@Entity("calendar_link")
export class CalendarLink {
  @PrimaryColumn({ type: "text" })
  technician_id: string;

  @OneToOne(() => Technician, { onDelete: "CASCADE", deferrable: "INITIALLY IMMEDIATE" })
  @JoinColumn({ name: "technician_id" })
  technician?: Relation<Technician>;

  /** SHA-256 of the link's secret, hex. */
  @Column({ type: "text", unique: true })
  token_hash: string;

  @Column({ type: "timestamptz", default: () => "now()" })
  created_at: Date;
}
