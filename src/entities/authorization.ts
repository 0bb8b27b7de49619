import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from "typeorm";
import { Job, type PrincipalKind } from "./job.ts";
import type { RuleOffer, RuleScope } from "./rule-scope.ts";

export const AUTHORIZATION_STATUSES = [
  "pending",
  "authorized",
  "denied",
  "expired",
  "withdrawn",
  "superseded",
] as const;
export type AuthorizationStatus = (typeof AUTHORIZATION_STATUSES)[number];

/** A request for a person's decision on a job, with the preview that the approved run must match. */
@Entity("authorization")
@Check("authorization_status", `status IN ('${AUTHORIZATION_STATUSES.join("', '")}')`)
@Index("authorization_live", ["job_id"], { unique: true, where: "status IN ('pending', 'authorized')" })
@Index("authorization_pending", ["expires_at"], { where: "status = 'pending'" })
@Index("authorization_job", ["job_id"])
export class Authorization {
  @PrimaryColumn({ type: "text" })
  id: string;

  @Column({ type: "text" })
  job_id: string;

  @ManyToOne(() => Job)
  @JoinColumn({ name: "job_id" })
  job?: Relation<Job>;

  @Column({ type: "text", default: "pending" })
  status: AuthorizationStatus;

  /** `Delete customer: Johnson Family` */
  @Column({ type: "text" })
  title: string;

  /** Why a person must decide. */
  @Column({ type: "text" })
  reason: string;

  /** What raised the level: `data`, later `bulk` and `window`. A rule lowers only these. */
  @Column({ type: "text", array: true })
  causes: string[];

  @Column({ type: "jsonb" })
  facts: Record<string, unknown>;

  /** Rows, messages and money as the domain's Preview. */
  @Column({ type: "jsonb" })
  preview: unknown;

  /** Ids of the records that the request names. */
  @Column({ type: "text", array: true, default: () => "'{}'" })
  records: string[];

  /** What differs from the authorization that this one replaces. */
  @Column({ type: "jsonb", default: () => "'[]'" })
  moved: unknown[];

  /** SHA-256 over facts and preview. The approved run must have the same digest. */
  @Column({ type: "text" })
  digest: string;

  @Column({ type: "timestamptz", default: () => "now()" })
  created_at: Date;

  @Column({ type: "timestamptz" })
  expires_at: Date;

  /** User id. */
  @Column({ type: "text", nullable: true })
  decided_by: string | null;

  @Column({ type: "text", nullable: true })
  decided_by_name: string | null;

  @Column({ type: "timestamptz", nullable: true })
  decided_at: Date | null;

  @Column({ type: "text", nullable: true })
  note: string | null;

  /** Allow Always: a rule is written when the approved job commits. */
  @Column({ type: "boolean", default: false })
  upgrade_permission: boolean;

  @Column({ type: "jsonb", nullable: true })
  scope: RuleScope | null;

  /** Null: no rule can be made from it. */
  @Column({ type: "jsonb", nullable: true })
  rule_offer: RuleOffer | null;

  /** Whether it takes something away: allowing it asks for the password again. */
  @Column({ type: "boolean", default: false })
  destructive: boolean;

  @Column({ type: "text", nullable: true })
  superseded_by: string | null;

  /** What a person made of the job's input; null: the request as it was sent. */
  @Column({ type: "jsonb", nullable: true })
  data: Record<string, unknown> | null;

  /** User id of the person who changed the data. */
  @Column({ type: "text", nullable: true })
  edited_by: string | null;

  @Column({ type: "text", nullable: true })
  edited_by_kind: PrincipalKind | null;

  @Column({ type: "text", nullable: true })
  edited_by_name: string | null;
}
