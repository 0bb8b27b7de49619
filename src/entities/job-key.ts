import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from "typeorm";
import { Job } from "./job.ts";

/** A further idempotency key of a job: an equal request under this key was answered with the job. */
@Entity("job_key")
export class JobKey {
  @PrimaryColumn({ type: "text" })
  principal: string;

  @PrimaryColumn({ type: "text" })
  idempotency_key: string;

  @Column({ type: "text" })
  job_id: string;

  /** `Job.sent_digest` of the request under this key. */
  @Column({ type: "text", nullable: true })
  sent_digest: string | null;

  @ManyToOne(() => Job)
  @JoinColumn({ name: "job_id" })
  job?: Relation<Job>;
}
