import { Column, Entity, PrimaryColumn } from "typeorm";

/** The last run of a schedule; one row per schedule, written by the worker. */
@Entity("schedule_run")
export class ScheduleRun {
  @PrimaryColumn({ type: "text" })
  name: string;

  @Column({ type: "timestamptz" })
  last_started_at: Date;

  @Column({ type: "timestamptz", nullable: true })
  last_succeeded_at: Date | null;

  /** Failed runs since the first one. */
  @Column({ type: "integer", default: 0 })
  failures: number;

  /** Class and code of the error that the last run ended with; null after a success. */
  @Column({ type: "text", nullable: true })
  last_error: string | null;
}
