import type { EntityManager } from "typeorm";
import { rows } from "../../database/sql.ts";
import type { Count } from "../core/record-type.ts";

const EXACT_UP_TO = 10_000;

/** Counts the rows of `FROM … WHERE …`: exactly up to EXACT_UP_TO, then by the planner's estimate. */
export async function countRows(db: EntityManager, source: string, values: unknown[]): Promise<Count> {
  const [counted] = await rows<{ total: number }>(
    db,
    `SELECT count(*) AS total FROM (SELECT ${source} LIMIT ${EXACT_UP_TO + 1}) counted`,
    values,
  );
  const total = counted?.total ?? 0;
  return total > EXACT_UP_TO ? estimateRows(db, source, { values, atLeast: total }) : { total };
}

interface EstimateOptions {
  values: unknown[];
  atLeast: number;
}

/** The planner's estimate of the rows of `FROM … WHERE …`, and at least `atLeast`. It reads no rows. */
export async function estimateRows(
  db: EntityManager,
  source: string,
  { values, atLeast }: EstimateOptions,
): Promise<Count> {
  const [plan] = await rows<{ "QUERY PLAN": [{ Plan: { "Plan Rows": number } }] }>(
    db,
    `EXPLAIN (FORMAT JSON) SELECT ${source}`,
    values,
  );
  const expected = plan?.["QUERY PLAN"][0].Plan["Plan Rows"] ?? 0;
  return { total: Math.max(expected, atLeast), total_is_estimate: true };
}
