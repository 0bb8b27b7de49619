import { Entity, Check, Index, PrimaryColumn, Column, ManyToOne, JoinColumn, type Relation } from "typeorm";
import { Job } from "./job.ts";

export const DELIVERY_STATUSES = ["queued", "sending", "sent", "failed", "cancelled"] as const;

export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** An outbox row: an external effect, written in the job's transaction and performed later, with its id as idempotency key. */
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

  /** While queued: next attempt. While sending: lease expiry. */
  @Column({ type: "timestamptz", default: () => "now()" })
  next_attempt_at: Date;

  /** Number of dispatches to the queue; the second half of the BullMQ job's id. */
  @Column({ type: "integer", default: 0 })
  dispatches: number;

  @Column({ type: "timestamptz", nullable: true })
  dispatched_at: Date | null;

  @Column({ type: "timestamptz", nullable: true })
  finished_at: Date | null;
}
