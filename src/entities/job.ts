import {
  Check,
  Column,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  type Relation,
} from "typeorm";

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

export type PrincipalKind = "agent" | "owner" | "office" | "technician" | "system";

/** A request to change something: the durable promise. The queue only carries its id. */
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
export class Job {
  @PrimaryColumn({ type: "text" })
  id: string;

  /** `contact.delete` */
  @Column({ type: "text" })
  action: string;

  /** The action's `data`, as it was sent. */
  @Column({ type: "jsonb" })
  input: Record<string, unknown>;

  /** SHA-256 over action, input and dry_run. */
  @Column({ type: "text" })
  digest: string;

  @Column({ type: "text", nullable: true })
  reasoning: string | null;

  @Column({ type: "boolean", default: false })
  dry_run: boolean;

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

  /** The level it was judged at, and the authorization or rule that allowed it. */
  @Column({ type: "text", nullable: true })
  level: string | null;

  @Column({ type: "text", nullable: true })
  allowed_by: string | null;

  /** Records that it took away (deleted, cancelled …): the window counts them. */
  @Column({ type: "text", array: true, default: () => "'{}'" })
  hits: string[];

  /** How often it was handed to the queue: the second half of the BullMQ job's id. */
  @Column({ type: "integer", default: 0 })
  dispatches: number;

  /** How often the relay found that the queue had lost it. */
  @Column({ type: "integer", default: 0 })
  resends: number;

  /** Starts after a redelivery, counted before the transaction: a poison job dies by this number. */
  @Column({ type: "integer", default: 0 })
  starts: number;

  /** The transaction that executes it (`pg_current_xact_id()`): what the change triggers ask for. */
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

  /** What it said of a customer was emptied with everything else of them: it cannot be taken back any more. */
  @Column({ type: "timestamptz", nullable: true })
  erased_at: Date | null;
}

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
}

export const DELIVERY_STATUSES = ["queued", "sending", "sent", "failed", "cancelled"] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** An effect on the outside world, written with the job and carried out after it, under its id as the stable key. */
@Entity("delivery")
@Check("delivery_status", `status IN ('${DELIVERY_STATUSES.join("', '")}')`)
@Index("delivery_waiting", ["next_attempt_at"], { where: "status IN ('queued', 'sending')" })
export class Delivery {
  @PrimaryColumn({ type: "text" })
  id: string;

  @Column({ type: "text" })
  job_id: string;

  @ManyToOne(() => Job)
  @JoinColumn({ name: "job_id" })
  job?: Relation<Job>;

  @Column({ type: "text" })
  kind: "email" | "sms" | "webhook";

  @Column({ type: "jsonb" })
  payload: Record<string, unknown>;

  @Column({ type: "text", default: "queued" })
  status: DeliveryStatus;

  @Column({ type: "integer", default: 0 })
  attempts: number;

  @Column({ type: "text", nullable: true })
  error: string | null;

  @Column({ type: "text", nullable: true })
  provider_id: string | null;

  @Column({ type: "timestamptz", default: () => "now()" })
  created_at: Date;

  /** Queued: when to try. Sending: until when whoever sends it must have said what came of it. */
  @Column({ type: "timestamptz", default: () => "now()" })
  next_attempt_at: Date;

  /** How often it was handed to the queue: the second half of the BullMQ job's id. */
  @Column({ type: "integer", default: 0 })
  dispatches: number;

  @Column({ type: "timestamptz", nullable: true })
  dispatched_at: Date | null;

  @Column({ type: "timestamptz", nullable: true })
  finished_at: Date | null;
}
