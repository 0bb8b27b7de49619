import { type Load, rounded } from "./load.ts";
import type { Results } from "./run.ts";

/** A figure in relation to its baseline. */
export interface Ratio {
  figure: string;
  baseline: string;
  ratio: number | null;
  /** The goal; undefined if the figure has none. */
  wants?: string;
  met?: boolean;
}

const atLeast = (limit: number) => ({ wants: `at least ${limit}`, fits: (ratio: number) => ratio >= limit });
const atMost = (limit: number) => ({ wants: `at most ${limit}`, fits: (ratio: number) => ratio <= limit });
type Goal = ReturnType<typeof atLeast>;

/** Goal for idle CPU use, in percent of one core. */
const MAX_IDLE_CPU = 1;

/** All figures as ratios to their baselines. `held`: with goals, which apply to Redis only, the backend for high load. */
export function ratiosOf({ same_sql, countersign, parking, tools }: Results, held: boolean): Ratio[] {
  const ratio = ([figure, baseline]: [string, string], value: number | null, goal?: Goal): Ratio => ({
    figure,
    baseline,
    ratio: value === null ? null : rounded(value),
    ...(held && goal && { wants: goal.wants, ...(value !== null && { met: goal.fits(value) }) }),
  });
  const { bullmq, graphile_worker, sql_alone } = same_sql;
  const { sixteen, one, one_process } = countersign;
  const { none_parked: none, all_parked: all } = parking.idle_percent;
  const by = (load: Load, base: Load) => load.per_second / base.per_second;
  return [
    ratio(["throughput, 16 callers", "bare BullMQ, same SQL"], by(sixteen, bullmq.sixteen), atLeast(0.8)),
    ratio(
      ["throughput, 16 callers", "graphile-worker, same SQL"],
      by(sixteen, graphile_worker.sixteen),
      atLeast(1),
    ),
    ratio(["throughput, 16 callers", "the SQL alone"], by(sixteen, sql_alone.sixteen)),
    ratio(["p50, one caller", "bare BullMQ, same SQL"], one.p50_ms / bullmq.one.p50_ms, atMost(2)),
    ratio(["p99, one caller", "bare BullMQ, same SQL"], one.p99_ms / bullmq.one.p99_ms),
    ratio(["p50, one caller, one process", "bare BullMQ, same SQL"], one_process.p50_ms / bullmq.one.p50_ms),
    ratio(["callers left waiting", `of ${sixteen.calls} calls`], sixteen.left_waiting, atMost(0)),
    ratio(["park, per second", "contact.update, 16 callers"], by(parking.park, sixteen)),
    ratio(["decide one → done, p50", "contact.update, one caller"], parking.decide_one.p50_ms / one.p50_ms),
    ratio(["decide many, per second", "contact.update, 16 callers"], by(parking.decide_many, sixteen)),
    ratio(
      [`idle CPU with ${parking.park.calls} parked, % of a core`, "none parked"],
      none === null || all === null ? null : all - none,
      atMost(MAX_IDLE_CPU),
    ),
    ratio(["MCP tools/call, time", "plain Express POST"], by(tools.express, tools.mcp), atMost(4)),
  ];
}

/** A text report: measurements, then ratios. */
export function reportOf(kind: string, results: Results, ratios: readonly Ratio[]): string {
  const { same_sql, countersign, parking, tools } = results;
  const loads: [string, Load][] = [
    ["the SQL alone, 16 callers", same_sql.sql_alone.sixteen],
    ["graphile-worker, 16 callers", same_sql.graphile_worker.sixteen],
    ["bare BullMQ, 16 callers", same_sql.bullmq.sixteen],
    ["Countersign, 16 callers", countersign.sixteen],
    ["the SQL alone, one caller", same_sql.sql_alone.one],
    ["graphile-worker, one caller", same_sql.graphile_worker.one],
    ["bare BullMQ, one caller", same_sql.bullmq.one],
    ["Countersign, one caller", countersign.one],
    ["Countersign in one process, one caller", countersign.one_process],
    ["park", parking.park],
    ["decide one", parking.decide_one],
    ["decide many", parking.decide_many],
    ["plain Express POST", tools.express],
    ["MCP tools/call", tools.mcp],
  ];
  const measured = loads.map(
    ([name, { per_second, p50_ms, p99_ms, left_waiting }]) =>
      `  ${name.padEnd(40)}${per_second.toFixed(0).padStart(7)}/s  p50 ${String(p50_ms).padStart(6)} ms  p99 ${String(p99_ms).padStart(6)} ms  ${left_waiting} left waiting`,
  );
  const compared = ratios.map(({ figure, baseline, ratio, wants, met }) => {
    const verdict = wants === undefined ? "" : `  (wants ${wants}${met === false ? ": MISSED" : ""})`;
    return `  ${figure.padEnd(40)}${String(ratio ?? "?").padStart(7)} × ${baseline}${verdict}`;
  });
  return [`On ${kind}:`, ...measured, "", ...compared, "", ""].join("\n");
}
