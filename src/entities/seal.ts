import { Column, Entity, PrimaryColumn, Unique } from "typeorm";

/** The tables that are sealed; each has a numeric id that grows. */
export const EVIDENCE_TABLES = ["change", "decision", "security_event", "erasure"] as const;
export type EvidenceTable = (typeof EVIDENCE_TABLES)[number];

/** Covers the rows of one table with `after_id < id <= last_id`. Written by seal_evidence() only. */
@Entity("seal")
@Unique(["table_name", "last_id"])
export class Seal {
  /** 1, 2, 3 … without a gap. */
  @PrimaryColumn({ type: "bigint" })
  id: number;

  @Column({ type: "text" })
  table_name: EvidenceTable;

  @Column({ type: "bigint" })
  after_id: number;

  @Column({ type: "bigint" })
  last_id: number;

  @Column({ type: "integer" })
  row_count: number;

  /** Rows of the table's next seal were written later. */
  @Column({ type: "timestamptz" })
  began_at: Date;

  @Column({ type: "timestamptz", default: () => "clock_timestamp()" })
  sealed_at: Date;

  /** SHA-256 over the sealed rows, by id. */
  @Column({ type: "bytea" })
  rows_hash: Buffer;

  /** `hash` of the seal with the id before; empty in the first. */
  @Column({ type: "bytea" })
  previous: Buffer;

  /** SHA-256 over all other columns. The newest is the head of the chain. */
  @Column({ type: "bytea" })
  hash: Buffer;
}
