import type { EntityManager } from "typeorm";
import type { RuleChange } from "../../../entities/rule-change.ts";
import { rows } from "../../../database/sql.ts";
import type { Part, RuleEntry, Wanted } from "./entry.ts";

type Row = RuleChange & { action: string; agent: string };

const WHERE = "($1::text[] IS NULL OR change.principal = ANY($1)) AND ($2::text IS NULL OR rule_id = $2)";

/** The rule changes from `head` on; none if the filter names a job or a record that is not a rule. */
export async function ruleEntries(
  db: EntityManager,
  { record, job, actors, limit }: Wanted,
  head: number | null,
): Promise<Part<RuleEntry>> {
  if (job !== null || (record && record.table !== "rule")) return { entries: [], total: 0 };
  const parameters = [actors, record?.id ?? null];
  const found = await rows<Row>(
    db,
    `SELECT change.*, rule.action, rule.principal_name AS agent
     FROM rule_change change JOIN rule ON rule.id = change.rule_id
     WHERE ${WHERE} AND ($3::bigint IS NULL OR change.id <= $3) ORDER BY change.id DESC LIMIT $4`,
    [...parameters, head, limit + 1],
  );
  const [count] = await rows<{ total: number }>(
    db,
    `SELECT count(*) AS total FROM rule_change change WHERE ${WHERE}`,
    parameters,
  );
  return { entries: found.map(entryOf), total: count?.total ?? 0 };
}

const entryOf = (change: Row): RuleEntry => ({
  kind: "rule",
  change_id: change.id,
  at: change.at.toISOString(),
  actor: { key: change.principal, kind: change.principal_kind, name: change.principal_name },
  rule_id: change.rule_id,
  action: change.action,
  agent: change.agent,
  before: change.before,
  after: change.after,
  reason: change.reason,
});
