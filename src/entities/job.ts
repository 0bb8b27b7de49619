import { Check, Column, Entity, Index, PrimaryColumn } from "typeorm";

export const JOB_STATUSES = [
  "queued",
  "running",
  "completed",
  "failed",
  "authorization_required",
  "denied",
  "expired",
  "withdrawn",
] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

export type PrincipalKind = "agent" | "owner" | "office" | "technician" | "system" | "customer";

/** A durable request to run an action. The queue only carries its id. */
@Entity("job")
@Check("job_status", `status IN ('${JOB_STATUSES.join("', '")}')`)
@Check("job_finished", "(finished_at IS NULL) = (status IN ('queued', 'running', 'authorization_required'))")
@Index("job_idempotency", ["principal", "idempotency_key"], {
  unique: true,
  where: "idempotency_key IS NOT NULL",
})
@Index("job_by_principal", ["principal", "id"])
@Index("job_parked", ["principal", "digest"], { where: "status = 'authorization_required'" })
@Index("job_window", ["finished_at"], { where: "hits <> '{}'" })
@Index("job_ended", ["finished_at"], { where: "finished_at IS NOT NULL" })
@Index("job_undone", { synchronize: false })
@Index("job_waiting", ["dispatched_at"], { where: "status IN ('queued', 'running')" })
@Index("job_costly", ["principal"], { where: "costly AND status IN ('queued', 'running')" })
export class Job {
  @PrimaryColumn({ type: "text" })
  id: string;

  /** `contact.delete` */
  @Column({ type: "text" })
  action: string;

  /** The action's `data` as sent. */
  @Column({ type: "jsonb" })
  input: Record<string, unknown>;

  /** SHA-256 over action, input and dry_run. */
  @Column({ type: "text" })
  digest: string;

  /** SHA-256 over action, input and dry_run as they were sent, where words for times have been replaced in the input. */
  @Column({ type: "text", nullable: true })
  sent_digest: string | null;

  @Column({ type: "text", nullable: true })
  reasoning: string | null;

  @Column({ type: "boolean", default: false })
  dry_run: boolean;

  /** An agent's dry run, or its request for more than MOST_RECORDS records: limited per token, in a queue of its own. */
  @Column({ type: "boolean", default: false })
  costly: boolean;

  /** `agent:token_…`, `user:user_…`, `system:demo` */
  @Column({ type: "text" })
  principal: string;

  @Column({ type: "text" })
  principal_kind: PrincipalKind;

  @Column({ type: "text" })
  principal_name: string;

  @Column({ type: "text", nullable: true })
  idempotency_key: string | null;

  @Column({ type: "text", default: "queued" })
  status: JobStatus;

  @Column({ type: "jsonb", nullable: true })
  result: unknown;

  @Column({ type: "jsonb", nullable: true })
  error: Record<string, unknown> | null;

  /** What the words for times in its input meant when it was accepted, by the field's name. */
  @Column({ type: "jsonb", nullable: true })
  understood: Record<string, string> | null;

  /** What came of it, in the action's own words (`ActionDefinition.outcome`). */
  @Column({ type: "text", nullable: true })
  outcome: string | null;

  /** The level it was judged at, and the authorization or rule that allowed it. */
  @Column({ type: "text", nullable: true })
  level: string | null;

  @Column({ type: "text", nullable: true })
  allowed_by: string | null;

  /** Records that it deleted or cancelled: the window counts them. */
  @Column({ type: "text", array: true, default: () => "'{}'" })
  hits: string[];

  /** Number of dispatches to the queue; the second half of the BullMQ job's id. */
  @Column({ type: "integer", default: 0 })
  dispatches: number;

  /** Number of times that the relay found it lost from the queue. */
  @Column({ type: "integer", default: 0 })
  resends: number;

  /** Starts after a redelivery, counted before the transaction; limits the attempts of a poison job. */
  @Column({ type: "integer", default: 0 })
  starts: number;

  /** The transaction that executes it (`pg_current_xact_id()`); the change triggers check it. */
  @Column({ type: "text", nullable: true })
  xid: string | null;

  @Column({ type: "timestamptz", default: () => "now()" })
  created_at: Date;

  @Column({ type: "timestamptz", nullable: true })
  dispatched_at: Date | null;

  @Column({ type: "timestamptz", nullable: true })
  started_at: Date | null;

  @Column({ type: "timestamptz", nullable: true })
  finished_at: Date | null;

  /** When its personal data was erased; such a job cannot be undone. */
  @Column({ type: "timestamptz", nullable: true })
  erased_at: Date | null;
}
