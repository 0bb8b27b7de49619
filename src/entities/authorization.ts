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
import { Job, type PrincipalKind } from "./job.ts";

/** How far an "Allow Always" reaches; every key narrows it. Empty: this action for this agent. */
export interface RuleScope {
  record_id?: string;
  max_amount_cents?: number;
  /** ISO 8601 instant */
  until?: string;
  max_uses?: number;
}

export const AUTHORIZATION_STATUSES = [
  "pending",
  "authorized",
  "denied",
  "expired",
  "withdrawn",
  "superseded",
] as const;
export type AuthorizationStatus = (typeof AUTHORIZATION_STATUSES)[number];

/** A question to a person: may this job happen? What it shows is what will happen. */
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

  /** Why a person is asked, in words. */
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

  /** What differs from the authorization that this one replaces. */
  @Column({ type: "jsonb", default: () => "'[]'" })
  moved: unknown[];

  /** SHA-256 over facts and preview: the approved run must come to the same. */
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

  @Column({ type: "text", nullable: true })
  superseded_by: string | null;
}

/** What "Allow Always" left behind: this action, for this agent, without asking again. */
@Entity("rule")
@Index("rule_live", ["action", "principal"], { where: "revoked_at IS NULL" })
export class Rule {
  @PrimaryColumn({ type: "text" })
  id: string;

  @Column({ type: "text" })
  action: string;

  @Column({ type: "text" })
  principal: string;

  @Column({ type: "text" })
  principal_name: string;

  /** The causes it lowers: those of the authorization it came from. */
  @Column({ type: "text", array: true })
  causes: string[];

  @Column({ type: "jsonb", default: () => "'{}'" })
  scope: RuleScope;

  @Column({ type: "integer", default: 0 })
  uses: number;

  @Column({ type: "text" })
  authorization_id: string;

  @ManyToOne(() => Authorization)
  @JoinColumn({ name: "authorization_id" })
  authorization?: Relation<Authorization>;

  @Column({ type: "text" })
  created_by: string;

  @Column({ type: "text" })
  created_by_name: string;

  @Column({ type: "timestamptz", default: () => "now()" })
  created_at: Date;

  @Column({ type: "timestamptz", nullable: true })
  last_used_at: Date | null;

  @Column({ type: "timestamptz", nullable: true })
  revoked_at: Date | null;

  @Column({ type: "text", nullable: true })
  revoked_by: string | null;
}

/** A person narrowed a rule, or revoked it. Insert-only for the application. */
@Entity("rule_change")
@Index("rule_change_rule", ["rule_id"])
export class RuleChange {
  @PrimaryGeneratedColumn({ type: "bigint" })
  id: number;

  @Column({ type: "text" })
  rule_id: string;

  @ManyToOne(() => Rule)
  @JoinColumn({ name: "rule_id" })
  rule?: Relation<Rule>;

  @Column({ type: "timestamptz", default: () => "clock_timestamp()" })
  at: Date;

  /** `user:user_…` */
  @Column({ type: "text" })
  principal: string;

  @Column({ type: "text" })
  principal_kind: PrincipalKind;

  @Column({ type: "text" })
  principal_name: string;

  @Column({ type: "jsonb" })
  before: RuleScope;

  /** Null: revoked. */
  @Column({ type: "jsonb", nullable: true })
  after: RuleScope | null;
}
