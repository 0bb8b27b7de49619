import { Entity, Index, PrimaryColumn, Column } from "typeorm";

/** Password attempts under one limit. */
@Entity("attempt_count")
@Index("attempt_count_end", ["ends_at"])
export class AttemptCount {
  /** SHA-256 of the limit and of what it counts by, hex. */
  @PrimaryColumn({ type: "text" })
  key: string;

  @Column({ type: "integer" })
  attempts: number;

  /** The count starts again then. */
  @Column({ type: "timestamptz" })
  ends_at: Date;
}
