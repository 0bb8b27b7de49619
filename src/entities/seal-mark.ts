import { Column, Entity, PrimaryColumn } from "typeorm";
import type { EvidenceTable } from "./seal.ts";

/** Up to where the next seal of a table goes. Written by seal_evidence() only. */
@Entity("seal_mark")
export class SealMark {
  @PrimaryColumn({ type: "text" })
  table_name: EvidenceTable;

  @Column({ type: "bigint" })
  last_id: number;

  @Column({ type: "timestamptz", default: () => "clock_timestamp()" })
  began_at: Date;

  /** Transactions that may still write at or below `last_id`; null: not looked up yet. */
  @Column({ type: "text", array: true, nullable: true })
  writers: string[] | null;
}
