import type { DataSource } from "typeorm";
import { rows } from "../database/sql.ts";

/** Upper bounds of the latency buckets, in seconds. */
export const BOUNDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** A group of jobs with the same action, status and latency buckets. */
export interface Figure {
  action: string;
  status: string;
  jobs: number;
  resends: number;
  /** Null unless the jobs went through the queue, ended and needed no decision. Bucket 0 is the first; the last is unbounded. */
  timing: { total: number; execution: number; totalSeconds: number; executionSeconds: number } | null;
}

interface Row {
  action: string;
  status: string;
  jobs: number;
  resends: number;
  total: number | null;
  execution: number | null;
  total_seconds: number;
  execution_seconds: number;
  settled: boolean;
  edge: string;
}

const OPEN = `SELECT action, status, count(*)::int AS jobs, sum(resends)::int AS resends, NULL::int AS total,
    NULL::int AS execution, 0::float8 AS total_seconds, 0::float8 AS execution_seconds, false AS settled
  FROM job WHERE status`;

/** A commit becomes visible shortly after its \`finished_at\`, so jobs of the last 15 seconds are counted on every read. */
const SQL = `WITH edge AS (SELECT clock_timestamp() - interval '15 seconds' AS at),
  ended AS (
    SELECT j.action, j.status, j.resends, j.finished_at <= edge.at AS settled,
      CASE WHEN timed THEN extract(epoch FROM j.finished_at - j.created_at)::float8 END AS total,
      CASE WHEN timed THEN extract(epoch FROM j.finished_at - j.started_at)::float8 END AS execution
    FROM edge, job j, LATERAL (SELECT j.dispatches > 0 AND j.started_at IS NOT NULL
      AND NOT EXISTS (SELECT FROM "authorization" a WHERE a.job_id = j.id) AS timed) t
    WHERE j.finished_at > $1::timestamptz)
  SELECT f.*, edge.at::text AS edge FROM edge LEFT JOIN (
    ${OPEN} IN ('queued', 'running') GROUP BY 1, 2
    UNION ALL ${OPEN} = 'authorization_required' GROUP BY 1, 2
    UNION ALL SELECT action, status, count(*)::int, sum(resends)::int, width_bucket(total, $2::float8[]),
      width_bucket(execution, $2::float8[]), coalesce(sum(total), 0), coalesce(sum(execution), 0), settled
    FROM ended GROUP BY action, status, settled, 5, 6) f ON true`;

/** Counts all jobs since installation. The first call reads all of them, later calls read only new ones. */
export function makeJobFigures(db: DataSource): () => Promise<Figure[]> {
  const settled = new Map<string, Figure>();
  let edge = "-infinity";
  let reading: Promise<Figure[]> | undefined;

  async function read(): Promise<Figure[]> {
    const found = await rows<Row>(db.manager, SQL, [edge, BOUNDS]);
    edge = found[0]?.edge ?? edge;
    const fresh: Figure[] = [];
    for (const row of found) {
      if (row.action === null) continue; // No job yet.
      if (row.settled) add(settled, figureOf(row));
      else fresh.push(figureOf(row));
    }
    return [...settled.values(), ...fresh];
  }

  // Two concurrent readings would count the same jobs twice.
  return () => (reading ??= read().finally(() => (reading = undefined)));
}

const figureOf = (row: Row): Figure => ({
  action: row.action,
  status: row.status,
  jobs: row.jobs,
  resends: row.resends,
  timing:
    row.total === null || row.execution === null
      ? null
      : {
          total: row.total,
          execution: row.execution,
          totalSeconds: row.total_seconds,
          executionSeconds: row.execution_seconds,
        },
});

function add(settled: Map<string, Figure>, more: Figure): void {
  const { action, status, timing } = more;
  const key = [action, status, timing?.total, timing?.execution].join(" ");
  const sum = settled.get(key);
  if (!sum) return void settled.set(key, more);
  sum.jobs += more.jobs;
  sum.resends += more.resends;
  if (!sum.timing || !timing) return;
  sum.timing.totalSeconds += timing.totalSeconds;
  sum.timing.executionSeconds += timing.executionSeconds;
}
