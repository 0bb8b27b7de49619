import { Column, Entity, PrimaryColumn } from "typeorm";
import type { EvidenceTable } from "./seal.ts";

/** The hashes of one row of evidence. Written by seal_evidence() only. */
@Entity("sealed_row")
export class SealedRow {
  @PrimaryColumn({ type: "text" })
  table_name: EvidenceTable;

  @PrimaryColumn({ type: "bigint" })
  row_id: number;

  /** Of the row as it was written. */
  @Column({ type: "bytea" })
  whole: Buffer;

  /** Of what an erasure leaves of it. */
  @Column({ type: "bytea" })
  redacted: Buffer;

  /** From then on the row may be removed; null: never. */
  @Column({ type: "timestamptz", nullable: true })
  expires_at: Date | null;
}
