import { setTimeout as pause } from "node:timers/promises";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import pg from "pg";
import { In } from "typeorm";
import { loadSynthetic } from "../src/demo/synthetic.ts";
import { buildSearch } from "../src/database/search-index.ts";
import { Job } from "../src/entities/job.ts";
import { createAgentToken } from "../src/identity/tokens.ts";
import type { TestApp } from "../tests/support/app.ts";
import { startChild } from "./child.ts";
import { type Kind, seedCustomers, withEnvironment } from "./environment.ts";
import { percentile, rounded } from "./load.ts";
import { memoryMb, peakMemoryMb } from "./processes.ts";
import type { Attack, AttackFigures } from "./worst-callers.ts";
import { findWorst, type Searched } from "./worst-search.ts";

export interface WorstCallsOptions {
  backend: Kind;
  contacts: number;
  seconds: number;
}

interface Latency {
  calls: number;
  p50_ms: number;
  p95_ms: number;
  max_ms: number;
  /** Answers with another status than expected, and calls without an answer. */
  failed: Record<string, number>;
}

interface Verdict {
  figure: string;
  value: number;
  unit: string;
  limit: number;
  met: boolean;
}

export interface WorstCallsResults extends WorstCallsOptions {
  machine: { cores: number; node: string; platform: string };
  search: Searched["figures"];
  attack: AttackFigures;
  owner: Record<string, Latency>;
  other_agent: { query: Latency; update: Latency };
  memory_mb: { before: number; during: number; peak: number };
  /** Jobs that were queued or running when the callers hung up. */
  jobs_left: number;
  /** Time until no statement ran after the callers had hung up; null: some still did at the end of the wait. */
  idle_after_s: number | null;
  verdicts: Verdict[];
}

const CONNECTIONS = 64;
/** Customers with a visit, so that their deletion needs a person. */
const WITH_HISTORY = 300;
const OWNER_PAGES = ["/authorizations", "/jobs", "/audit", "/api/session"];
const OWNER_PAUSE_MS = 50;
const OTHER_AGENT_MS = 250;
/** Open queries of the other agent, below its own limit (AGENT_READS). With so many open, it leaves out a query. */
const OTHER_READS = 7;
const SAMPLE_MS = 500;
const ANSWER_MS = 30_000;
const LIMITS = { owner_ms: 1_000, memory_mb: 600, idle_s: 15 };

/** One token calls what is most expensive, while the owner and another agent work. */
export const benchWorstCalls = (
  options: WorstCallsOptions,
  log: (line: string) => void,
): Promise<WorstCallsResults> =>
  withEnvironment(options.backend, async (environment) => {
    log("start");
    const app = await environment.app(["api,worker,mcp"], { LOG_LEVEL: "INFO" });
    try {
      return await measure(app, options, log);
    } finally {
      await app.stop();
    }
  });

async function measure(
  app: TestApp,
  options: WorstCallsOptions,
  log: (line: string) => void,
): Promise<WorstCallsResults> {
  const { contacts, seconds } = options;
  log(`${contacts} customers`);
  await loadSynthetic(app.databaseUrl, contacts - WITH_HISTORY, () => undefined);
  const withHistory = await seedCustomers(app.databaseUrl, WITH_HISTORY);
  await buildSearch(app.databaseUrl);
  const { token: other } = await createAgentToken(app.db, "The other agent");
  const owner = await app.owner();

  log("search for the worst calls");
  const { worst, figures: search } = await findWorst(app, { withinMs: seconds * 1_000, log });

  log(`${seconds} s of the ${worst.length} worst calls`);
  const pid = app.processes[0]?.child.pid ?? 0;
  const before = memoryMb(pid);
  const callers = await startChild("worst-callers.ts");
  const attack: Attack = { url: app.url, token: app.token, calls: worst, connections: CONNECTIONS };
  callers.process.send(attack);
  const until = performance.now() + seconds * 1_000;
  const [ownerLatency, other_agent, during] = await Promise.all([
    watchOwner({ url: app.url, cookie: owner.cookie, until }),
    watchOtherAgent({ url: app.url, token: other, customer: withHistory[0] ?? "", until }),
    mostMemory(pid, until),
  ]);

  log("the callers hang up");
  const figured = once(callers.process, "message") as Promise<[AttackFigures]>;
  callers.process.send("stop");
  const [attacked] = await figured;
  await callers.end();
  const jobs_left = await app.db.manager.countBy(Job, { status: In(["queued", "running"]) });
  const idle_after_s = await idleAfter(app.databaseUrl);
  const lives = await fetch(`${app.url}/healthz`).then(
    ({ status }) => status === 200,
    () => false,
  );
  const results = {
    ...options,
    machine: { cores: availableParallelism(), node: process.version, platform: process.platform },
    search,
    attack: attacked,
    owner: ownerLatency,
    other_agent,
    memory_mb: { before, during, peak: lives ? peakMemoryMb(pid) : 0 },
    jobs_left,
    idle_after_s,
  };
  return { ...results, verdicts: verdictsOf(results, lives) };
}

/** Fetches each page in turn until the time is over. */
async function watchOwner({
  url,
  cookie,
  until,
}: {
  url: string;
  cookie: string;
  until: number;
}): Promise<Record<string, Latency>> {
  const pages = new Map(OWNER_PAGES.map((page) => [page, new Timed()]));
  while (performance.now() < until) {
    for (const [page, timed] of pages) {
      await timed.run(() => send(new URL(page, url), { headers: { cookie } }), isOk);
      await pause(OWNER_PAUSE_MS);
    }
  }
  return Object.fromEntries([...pages].map(([page, timed]) => [page, timed.latency()]));
}

interface OtherAgent {
  url: string;
  token: string;
  customer: string;
  until: number;
}

/** A query and an update every OTHER_AGENT_MS, whether the earlier ones are answered or not. */
async function watchOtherAgent({ url, token, customer, until }: OtherAgent): Promise<{
  query: Latency;
  update: Latency;
}> {
  const [query, update] = [new Timed(), new Timed()];
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    send(new URL(path, url), {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const open: Promise<void>[] = [];
  let reading = 0;
  const read = async () => {
    reading++;
    const input = { type: "contacts", search: "mary oak", limit: 5 };
    await query.run(() => post("/api/tools/crm_query", input), isOk);
    reading--;
  };
  for (let nth = 0; performance.now() < until; nth++) {
    if (reading < OTHER_READS) open.push(read());
    const asked = { domain: "contact", action: "update", data: { id: customer, source: `Source ${nth}` } };
    open.push(update.run(() => post("/api/actions", asked, { prefer: "wait=20" }), isCompleted));
    await pause(OTHER_AGENT_MS);
  }
  await Promise.all(open);
  return { query: query.latency(), update: update.latency() };
}

interface Answered {
  status: number;
  text: string;
}

const send = async (url: URL, options: RequestInit): Promise<Answered> => {
  const response = await fetch(url, {
    ...options,
    redirect: "manual",
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  return { status: response.status, text: await response.text() };
};

/** Undefined: as it should be; otherwise what came instead. */
type Check = (answered: Answered) => string | undefined;

const isOk: Check = ({ status }) => (status === 200 ? undefined : String(status));

const isCompleted: Check = ({ status, text }) => {
  if (status >= 300) return String(status);
  const { data } = JSON.parse(text) as { data: { status: string } };
  return data.status === "completed" ? undefined : data.status;
};

class Timed {
  readonly #times: number[] = [];
  readonly #failed: Record<string, number> = {};

  async run(call: () => Promise<Answered>, check: Check): Promise<void> {
    const sent = performance.now();
    const wrong = await call().then(check, (error: Error) => error.name);
    this.#times.push(performance.now() - sent);
    if (wrong !== undefined) this.#failed[wrong] = (this.#failed[wrong] ?? 0) + 1;
  }

  latency(): Latency {
    return {
      calls: this.#times.length,
      p50_ms: percentile(this.#times, 50),
      p95_ms: percentile(this.#times, 95),
      max_ms: rounded(Math.max(0, ...this.#times)),
      failed: this.#failed,
    };
  }
}

/** The largest memory of all samples, in MB. */
async function mostMemory(pid: number, until: number): Promise<number> {
  let most = 0;
  while (performance.now() < until) {
    most = Math.max(most, memoryMb(pid));
    await pause(SAMPLE_MS);
  }
  return most;
}

const IDLE_POLL_MS = 50;
/** So many samples in a row without a statement. The product's own short ones, such as the relay's, may be in between. */
const IDLE_SAMPLES = 5;
const LONGEST_IDLE_WAIT_MS = 60_000;

/** Seconds until the database is idle: the first of several samples in which nobody else runs a statement. */
async function idleAfter(databaseUrl: string): Promise<number | null> {
  const began = performance.now();
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    let since: number | null = null;
    for (let quiet = 0; performance.now() - began < LONGEST_IDLE_WAIT_MS;) {
      const at = performance.now() - began;
      const { rows } = await client.query<{ busy: string }>(
        `SELECT count(*) AS busy FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
           AND state <> 'idle'`,
      );
      const busy = Number(rows[0]?.busy) > 0;
      quiet = busy ? 0 : quiet + 1;
      since = busy ? null : (since ?? at);
      if (since !== null && quiet >= IDLE_SAMPLES) return rounded(since / 1_000);
      await pause(IDLE_POLL_MS);
    }
    return null;
  } finally {
    await client.end();
  }
}

/** Each figure with its limit. */
function verdictsOf(results: Omit<WorstCallsResults, "verdicts">, lives: boolean): Verdict[] {
  const { owner, other_agent, attack, memory_mb, idle_after_s } = results;
  const atMost = (figure: string, value: number, { unit, limit }: { unit: string; limit: number }) => ({
    figure,
    value,
    unit,
    limit,
    met: value <= limit,
  });
  const none = { unit: "", limit: 0 };
  const failures = (latency: Latency) => Object.values(latency.failed).reduce((sum, each) => sum + each, 0);
  return [
    ...Object.entries(owner).map(([page, { p95_ms }]) =>
      atMost(`owner ${page}, p95`, p95_ms, { unit: "ms", limit: LIMITS.owner_ms }),
    ),
    atMost(
      "owner, pages not answered",
      Object.values(owner).reduce((sum, page) => sum + failures(page), 0),
      none,
    ),
    atMost("other agent, queries not answered", failures(other_agent.query), none),
    atMost("other agent, updates not done in 20 s", failures(other_agent.update), none),
    atMost("the caller, answers 500", attack.statuses["500"] ?? 0, none),
    atMost("processes that ended", lives ? 0 : 1, none),
    atMost("memory of the process, peak", memory_mb.peak, { unit: "MB", limit: LIMITS.memory_mb }),
    atMost("database idle after", idle_after_s ?? LONGEST_IDLE_WAIT_MS / 1_000, {
      unit: "s",
      limit: LIMITS.idle_s,
    }),
  ];
}

/** A text report: what was called, then each figure beside its limit. */
export function worstCallsReport(results: WorstCallsResults): string {
  const { backend, contacts, seconds, search, attack, owner, other_agent, memory_mb, verdicts } = results;
  const statuses = Object.entries(attack.statuses).map(([status, count]) => `${count} × ${status}`);
  const latency = ([name, { calls, p50_ms, p95_ms, max_ms, failed }]: [string, Latency]) =>
    `  ${name.padEnd(24)}${String(calls).padStart(6)} calls  p50 ${p50_ms} ms  p95 ${p95_ms} ms  max ${max_ms} ms${
      Object.keys(failed).length > 0 ? `  ${JSON.stringify(failed)}` : ""
    }`;
  return [
    `${contacts} customers, ${seconds} s of the worst calls by one token, on ${backend}:`,
    `  search: ${search.tried} of ${search.candidates} candidates in ${search.seconds} s; the worst:`,
    ...search.worst
      .slice(0, 12)
      .map(({ name, ms, bytes, status }) => `    ${ms} ms, ${bytes} bytes, ${status}: ${name}`),
    `  attack: ${attack.calls} calls, ${attack.per_second}/s, ${attack.megabytes} MB of answers; ${statuses.join(", ")}`,
    `    ${attack.hung_up} hung up at once, ${attack.unanswered} unanswered`,
    ...Object.entries(owner).map(latency),
    latency(["other agent, query", other_agent.query]),
    latency(["other agent, update", other_agent.update]),
    `  jobs queued or running at the end: ${results.jobs_left}`,
    `  memory: ${memory_mb.before} MB before, ${memory_mb.during} MB during, ${memory_mb.peak} MB peak`,
    "",
    ...verdicts.map(
      ({ figure, value, unit, limit, met }) =>
        `  ${figure.padEnd(42)}${`${value} ${unit}`.padStart(10)}  limit ${`${limit} ${unit}`.padEnd(8)}  ${met ? "PASS" : "over"}`,
    ),
    "",
  ].join("\n");
}
