import { Entity, Index, PrimaryGeneratedColumn, Column, ManyToOne, JoinColumn, type Relation } from "typeorm";
import { Job } from "./job.ts";

/** One row that a job wrote, before and after. Written by a database trigger only. */
@Entity("change")
@Index("change_job", ["job_id"])
@Index("change_record", ["table_name", "record_id"])
export class Change {
  @PrimaryGeneratedColumn({ type: "bigint" })
  id: number;

  @Column({ type: "text" })
  job_id: string;

  @ManyToOne(() => Job)
  @JoinColumn({ name: "job_id" })
  job?: Relation<Job>;

  @Column({ type: "text" })
  table_name: string;

  @Column({ type: "text" })
  record_id: string;

  @Column({ type: "text" })
  operation: "insert" | "update" | "delete";

  @Column({ type: "jsonb", nullable: true })
  before: Record<string, unknown> | null;

  @Column({ type: "jsonb", nullable: true })
  after: Record<string, unknown> | null;

  @Column({ type: "timestamptz", default: () => "clock_timestamp()" })
  at: Date;

  /** Null after an erasure. Not read with the row, like `hash`. */
  @Column({ type: "uuid", nullable: true, select: false })
  salt: string | null;

  /** SHA-256 over the salt and the row. */
  @Column({ type: "bytea", select: false })
  hash: Buffer;
}
