import { Entity, Index, PrimaryColumn, Column, ManyToOne, JoinColumn, type Relation } from "typeorm";
import { Authorization } from "./authorization.ts";
import type { Measures, RuleScope } from "./rule-scope.ts";

/** Created by "Allow Always": lets an agent run an action without asking again. */
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

  /** The causes that it covers: those of the authorization that created it. */
  @Column({ type: "text", array: true })
  causes: string[];

  @Column({ type: "jsonb", default: () => "'{}'" })
  scope: RuleScope;

  /** What the approved request measured, one entry for each data cause. */
  @Column({ type: "jsonb", default: () => "'[]'" })
  approved: Measures[];

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

  /** Why it ended, where no person revoked it. */
  @Column({ type: "text", nullable: true })
  revoked_reason: string | null;
}
