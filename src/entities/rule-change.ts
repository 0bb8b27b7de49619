import { Entity, Index, PrimaryGeneratedColumn, Column, ManyToOne, JoinColumn, type Relation } from "typeorm";
import type { PrincipalKind } from "./job.ts";
import { Rule } from "./rule.ts";
import type { RuleScope } from "./rule-scope.ts";

/** A narrowing or revocation of a rule: by a person, or by the job that ended it. Insert-only for the application. */
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

  /** Why the job ended it; null for a person. */
  @Column({ type: "text", nullable: true })
  reason: string | null;
}
