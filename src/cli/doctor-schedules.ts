import { ask } from "../database/embedded/server.ts";
import type { Schedule } from "../workers/schedule.ts";
import { schedules } from "../workers/schedules.ts";
import { type Finding, ok, warn } from "./finding.ts";

/** A schedule that has not succeeded for this many intervals is late. */
const LATE_INTERVALS = 3;

interface Run {
  name: string;
  /** Since the last success. */
  age_ms: number | null;
  failures: number;
  last_error: string | null;
}

/** One line for each schedule, from the rows that its runs leave. None before the first start. */
export async function checkSchedules(databaseUrl: string): Promise<Finding[]> {
  const [table] = await ask(databaseUrl, "SELECT to_regclass('public.schedule_run') IS NOT NULL AS there");
  if (!table?.there) return [];
  const runs = await ask<Run>(
    databaseUrl,
    `SELECT name, extract(epoch FROM clock_timestamp() - last_succeeded_at)::float8 * 1000 AS age_ms, failures, last_error
     FROM public.schedule_run`,
  );
  return schedules.map((schedule) =>
    findingOf(
      schedule,
      runs.find(({ name }) => name === schedule.name),
    ),
  );
}

function findingOf({ name, everyMs }: Schedule, run: Run | undefined): Finding {
  if (!run) return ok("schedule", `${name}: has not run yet`);
  const ago = run.age_ms === null ? "has never succeeded" : `last succeeded ${agoText(run.age_ms)} ago`;
  const text = `${name}: ${ago}, ${run.failures} failed ${run.failures === 1 ? "run" : "runs"}`;
  if (run.last_error !== null)
    return warn(
      "schedule",
      `${text}, the last one with ${run.last_error}`,
      "look for its name in the worker's log",
    );
  if (run.age_ms !== null && run.age_ms > everyMs * LATE_INTERVALS)
    return warn("schedule", text, "start a worker: countersign start --services worker");
  return ok("schedule", text);
}

function agoText(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} min`;
  return `${Math.round(minutes / 60)} h`;
}
