import { collectDefaultMetrics, Histogram, Registry } from "prom-client";
import type { DataSource } from "typeorm";
import { rows } from "../entities/database.ts";
import { BOUNDS, type Figure, makeJobFigures } from "./job-figures.ts";
import { type Backend, queueNames } from "./queues.ts";
import { within } from "./within.ts";

/** How long a scrape waits for the database, or the queue. */
const PATIENCE_MS = 3_000;

export interface Metrics {
  /** Prometheus text. Never fails: what does not answer is shown as down. */
  text(): Promise<string>;
  /** Counts one caller that waited, and what it was told. */
  told(what: "ended" | "parked" | "open", seconds: number): void;
}

type Labels = Record<string, string>;
type Sample = readonly [labels: Labels, value: number, suffix?: string];

/**
 * What machines that watch this one read. All but the process's own figures and its waits comes from the rows and the
 * queue: it is about the whole system, the same from every process, and complete after a restart. No names, no texts.
 */
export function makeMetrics(db: DataSource, queues: Backend, waiting: () => number): Metrics {
  const own = new Registry();
  collectDefaultMetrics({ register: own });
  const waits = new Histogram({
    name: "countersign_wait_seconds",
    help: "From a request's acceptance until its waiting caller was told, in this process.",
    labelNames: ["told"],
    buckets: BOUNDS,
    registers: [own],
  });
  const readJobs = makeJobFigures(db);

  async function collect(): Promise<string> {
    const [process, database, queue] = await Promise.all([
      own.metrics(),
      orNothing(Promise.all([readJobs(), readParked(db)])),
      orNothing(depths(queues)),
    ]);
    const up: Sample[] = [
      [{ part: "database" }, Number(database !== null)],
      [{ part: "queue" }, Number(queue !== null)],
    ];
    return [
      process.trimEnd(),
      family("countersign_up", "gauge", "Whether a part that this process needs answers.", up),
      family("countersign_waiting_callers", "gauge", "Callers that wait for a job in this process.", [
        [{}, waiting()],
      ]),
      ...(database ? [...jobFamilies(database[0]), ...database[1]] : []),
      ...(queue ? [family("countersign_queue_jobs", "gauge", "Depth of the queues.", queue)] : []),
      "",
    ].join("\n");
  }

  let collecting: Promise<string> | undefined;
  return {
    // Scrapes at the same time share one reading.
    text: () => (collecting ??= collect().finally(() => (collecting = undefined))),
    told: (told, seconds) => waits.observe({ told }, seconds),
  };
}

const orNothing = <Value>(value: Promise<Value>): Promise<Value | null> =>
  within(PATIENCE_MS, value).catch(() => null);

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
    family("countersign_parked", "gauge", "Requests that wait for a person.", [[{}, count]]),
    family("countersign_parked_oldest_seconds", "gauge", "Age of the oldest of them.", [[{}, oldest]]),
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
    family("countersign_jobs", "gauge", "Jobs by action and status, all there ever were.", samples),
    family("countersign_relay_resends_total", "counter", "Jobs sent again because the queue had lost them.", [
      [{}, resends],
    ]),
    histogram("countersign_job_seconds", "From a job's acceptance to its commit.", figures, "total"),
    histogram("countersign_job_execution_seconds", "From a job's start to its commit.", figures, "execution"),
  ];
}

/** Per action, of jobs that no person had to decide. */
function histogram(name: string, help: string, figures: Figure[], of: "total" | "execution"): string {
  const actions = new Map<string, { counts: number[]; seconds: number }>();
  for (const { action, jobs, timing } of figures) {
    if (!timing) continue;
    const sum = actions.get(action) ?? { counts: Array<number>(BOUNDS.length + 1).fill(0), seconds: 0 };
    sum.counts[timing[of]] = (sum.counts[timing[of]] ?? 0) + jobs;
    sum.seconds += timing[`${of}Seconds`];
    actions.set(action, sum);
  }
  const samples = [...actions].flatMap(([action, { counts, seconds }]) => {
    let below = 0;
    const buckets = counts.map((count, index): Sample => {
      below += count;
      return [{ action, le: String(BOUNDS[index] ?? "+Inf") }, below, "_bucket"];
    });
    return [...buckets, [{ action }, seconds, "_sum"] as const, [{ action }, below, "_count"] as const];
  });
  return family(name, "histogram", help, samples);
}

function family(name: string, type: string, help: string, samples: readonly Sample[]): string {
  const lines = samples.map(([labels, value, suffix = ""]) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(text)}`);
    return `${name}${suffix}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}`;
  });
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join("\n");
}
