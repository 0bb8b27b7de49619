import { collectDefaultMetrics, Histogram, Registry } from "prom-client";
import type { DataSource } from "typeorm";
import { rows } from "../database/sql.ts";
import { BOUNDS, type Figure, makeJobFigures } from "./job-figures.ts";
import { type Backend, queueNames } from "../queue/index.ts";
import { withTimeout } from "../queue/with-timeout.ts";

/** Timeout of a scrape for the database and for the queue. */
const TIMEOUT_MS = 3_000;

/** Scrapes share a reading of the database and the queue for this long: /metrics needs no sign-in. */
const SHARED_MS = 1_000;

export interface Metrics {
  /** Prometheus text. Never fails: a part that does not answer is reported as down. */
  text(): Promise<string>;
  /** Records one caller's wait and the state of its job when the wait ended. */
  waited(outcome: "ended" | "parked" | "open", seconds: number): void;
}

type Labels = Record<string, string>;
type Sample = readonly [labels: Labels, value: number, suffix?: string];

/**
 * Metrics for a monitoring system. Apart from the process metrics and the waits, they are read from the database and the
 * queue: they describe the whole system, are the same in every process and survive a restart. They contain no personal
 * data.
 */
export function makeMetrics(
  db: DataSource,
  queues: Backend,
  { waiting, sharedMs = SHARED_MS }: { waiting: () => number; sharedMs?: number },
): Metrics {
  const own = new Registry();
  collectDefaultMetrics({ register: own });
  const waits = new Histogram({
    name: "countersign_wait_seconds",
    help: "From a request's acceptance to the answer of its waiting caller, in this process.",
    labelNames: ["outcome"],
    buckets: BOUNDS,
    registers: [own],
  });
  const readJobs = makeJobFigures(db);
  const read = shared(sharedMs, () =>
    Promise.all([
      orNull(Promise.all([readJobs(), readParked(db), readSchedules(db)])),
      orNull(depths(queues)),
    ]),
  );

  async function text(): Promise<string> {
    const [process, [database, queue]] = await Promise.all([own.metrics(), read()]);
    const up: Sample[] = [
      [{ part: "database" }, Number(database !== null)],
      [{ part: "queue" }, Number(queue !== null)],
    ];
    return [
      process.trimEnd(),
      gauge("countersign_up", "Whether a part that this process needs answers.", up),
      gauge("countersign_waiting_callers", "Callers that wait for a job in this process.", [[{}, waiting()]]),
      ...(database ? [...jobFamilies(database[0]), ...database[1], ...database[2]] : []),
      ...(queue ? [gauge("countersign_queue_jobs", "Depth of the queues.", queue)] : []),
      "",
    ].join("\n");
  }

  return { text, waited: (outcome, seconds) => waits.observe({ outcome }, seconds) };
}

/** Calls during a reading, and for `ms` after it, get its value. `read` must not reject. */
function shared<Value>(ms: number, read: () => Promise<Value>): () => Promise<Value> {
  let latest: { value: Promise<Value>; until: number } | undefined;
  return () => {
    if (latest && performance.now() < latest.until) return latest.value;
    const reading = { value: read(), until: Number.POSITIVE_INFINITY };
    void reading.value.then(() => (reading.until = performance.now() + ms));
    latest = reading;
    return reading.value;
  };
}

const orNull = <Value>(value: Promise<Value>): Promise<Value | null> =>
  withTimeout(TIMEOUT_MS, value).catch(() => null);

async function depths(queues: Backend): Promise<Sample[]> {
  const each = queueNames.map(async (name) => {
    const counts = await queues.queue(name).getJobCounts("waiting", "active", "delayed", "failed");
    return Object.entries(counts).map(([state, count]): Sample => [{ queue: name, state }, count]);
  });
  return (await Promise.all(each)).flat();
}

async function readParked(db: DataSource): Promise<string[]> {
  const [parked] = await rows<{ count: number; oldest: number }>(
    db.manager,
    `SELECT count(*) AS count, coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8 AS oldest
     FROM "authorization" WHERE status = 'pending'`,
  );
  const { count = 0, oldest = 0 } = parked ?? {};
  return [
    gauge("countersign_parked", "Requests that wait for a decision.", [[{}, count]]),
    gauge("countersign_parked_oldest_seconds", "Age of the oldest parked request.", [[{}, oldest]]),
  ];
}

async function readSchedules(db: DataSource): Promise<string[]> {
  const found = await rows<{ name: string; succeeded: number | null; failures: number }>(
    db.manager,
    `SELECT name, extract(epoch FROM last_succeeded_at)::float8 AS succeeded, failures FROM schedule_run ORDER BY name`,
  );
  const successes = found.flatMap(({ name, succeeded }): Sample[] =>
    succeeded === null ? [] : [[{ schedule: name }, succeeded]],
  );
  const failures = found.map(({ name, failures }): Sample => [{ schedule: name }, failures]);
  return [
    gauge(
      "countersign_schedule_last_success_timestamp_seconds",
      "When each schedule last succeeded.",
      successes,
    ),
    counter("countersign_schedule_failures_total", "Failed runs of each schedule.", failures),
  ];
}

function jobFamilies(figures: Figure[]): string[] {
  const resends = figures.reduce((sum, figure) => sum + figure.resends, 0);
  const jobs = new Map<string, number>();
  for (const { action, status, jobs: more } of figures)
    jobs.set(`${action} ${status}`, (jobs.get(`${action} ${status}`) ?? 0) + more);
  const samples = [...jobs].map(([key, count]): Sample => {
    const [action = "", status = ""] = key.split(" ");
    return [{ action, status }, count];
  });
  return [
    gauge("countersign_jobs", "Jobs by action and status, since the first one.", samples),
    counter("countersign_relay_resends_total", "Jobs sent again because the queue had lost them.", [
      [{}, resends],
    ]),
    histogram(
      "countersign_job_seconds",
      "From a job's acceptance to its commit.",
      timingsOf(figures, "total"),
    ),
    histogram(
      "countersign_job_execution_seconds",
      "From a job's start to its commit.",
      timingsOf(figures, "execution"),
    ),
  ];
}

/** One histogram per action, of jobs that needed no decision. */
function histogram(name: string, help: string, perAction: ReadonlyMap<string, Timings>): string {
  const samples = [...perAction].flatMap(([action, { counts, seconds }]) => {
    let below = 0;
    const buckets = counts.map((count, index): Sample => {
      below += count;
      return [{ action, le: String(BOUNDS[index] ?? "+Inf") }, below, "_bucket"];
    });
    return [...buckets, [{ action }, seconds, "_sum"] as const, [{ action }, below, "_count"] as const];
  });
  return family({ name, type: "histogram", help }, samples);
}

interface Timings {
  /** Jobs in each latency bucket. */
  counts: number[];
  seconds: number;
}

function timingsOf(figures: readonly Figure[], measure: "total" | "execution"): Map<string, Timings> {
  const actions = new Map<string, Timings>();
  for (const { action, jobs, timing } of figures) {
    if (!timing) continue;
    const sum = actions.get(action) ?? { counts: Array<number>(BOUNDS.length + 1).fill(0), seconds: 0 };
    sum.counts[timing[measure]] = (sum.counts[timing[measure]] ?? 0) + jobs;
    sum.seconds += timing[`${measure}Seconds`];
    actions.set(action, sum);
  }
  return actions;
}

const gauge = (name: string, help: string, samples: readonly Sample[]): string =>
  family({ name, type: "gauge", help }, samples);

const counter = (name: string, help: string, samples: readonly Sample[]): string =>
  family({ name, type: "counter", help }, samples);

interface Family {
  name: string;
  type: "gauge" | "counter" | "histogram";
  help: string;
}

function family({ name, type, help }: Family, samples: readonly Sample[]): string {
  const lines = samples.map(([labels, value, suffix = ""]) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(text)}`);
    return `${name}${suffix}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}`;
  });
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join("\n");
}
