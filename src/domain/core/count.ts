import type { EntityManager } from "typeorm";
import { rows } from "../../entities/database.ts";

export interface Counted {
  total: number;
  /** There are too many to count each time. */
  total_is_estimate?: true;
}

const EXACT_UP_TO = 10_000;

/** Rows of `FROM … WHERE …`: exact as long as that is quick; beyond, what the planner expects. */
export async function countRows(db: EntityManager, source: string, values: unknown[]): Promise<Counted> {
  const [counted] = await rows<{ total: number }>(
    db,
    `SELECT count(*) AS total FROM (SELECT ${source} LIMIT ${EXACT_UP_TO + 1}) counted`,
    values,
  );
  const total = counted?.total ?? 0;
  return total > EXACT_UP_TO ? estimateRows(db, source, { values, atLeast: total }) : { total };
}

interface Known {
  values: unknown[];
  atLeast: number;
}

/** What the planner expects of `FROM … WHERE …`: a guess that costs nothing, and no less than what is known. */
export async function estimateRows(
  db: EntityManager,
  source: string,
  { values, atLeast }: Known,
): Promise<Counted> {
  const [plan] = await rows<{ "QUERY PLAN": [{ Plan: { "Plan Rows": number } }] }>(
    db,
    `EXPLAIN (FORMAT JSON) SELECT ${source}`,
    values,
  );
  const expected = plan?.["QUERY PLAN"][0].Plan["Plan Rows"] ?? 0;
  return { total: Math.max(expected, atLeast), total_is_estimate: true };
}
