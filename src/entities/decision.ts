import { Column, Entity, Index, PrimaryGeneratedColumn } from "typeorm";

/** A decision, as evidence: an authorization ended, a rule was created or changed. Written by a database trigger only. */
@Entity("decision")
@Index("decision_record", ["table_name", "record_id"])
export class Decision {
  @PrimaryGeneratedColumn({ type: "bigint" })
  id: number;

  @Column({ type: "text" })
  table_name: "authorization" | "rule" | "rule_change";

  @Column({ type: "text" })
  record_id: string;

  /** Of an authorization its new status; `created`, `narrowed` or `revoked` of a rule. */
  @Column({ type: "text" })
  status: string;

  @Column({ type: "timestamptz", default: () => "clock_timestamp()" })
  at: Date;

  /** Null after an erasure. */
  @Column({ type: "uuid", nullable: true })
  salt: string | null;

  /** SHA-256 over the salt, this row and the decided row. */
  @Column({ type: "bytea" })
  hash: Buffer;
}
