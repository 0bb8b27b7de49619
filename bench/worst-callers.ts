/** Child process: calls one product as fast as it can, from many connections with one token, until it is told to stop. */
import { Agent, request } from "node:http";
import { MARK } from "./extremes.ts";
import type { WorstCall } from "./worst-candidates.ts";

export interface Attack {
  url: string;
  token: string;
  calls: readonly WorstCall[];
  connections: number;
}

export interface AttackFigures {
  calls: number;
  per_second: number;
  /** Answers by status. */
  statuses: Record<string, number>;
  /** Calls whose answer the caller did not wait for. */
  hung_up: number;
  /** Connections that broke, and calls without an answer in ANSWER_MS. */
  unanswered: number;
  megabytes: number;
}

/** One caller in so many hangs up at once. No divisor of the number of calls, so that it is not always the same call. */
const HANG_UP_EVERY = 7;
const ANSWER_MS = 30_000;

let stopped = false;
let next = 0;
let started = 0;
const totals = { hung_up: 0, unanswered: 0, bytes: 0, statuses: new Map<number, number>() };

process.on("message", (message: Attack | "stop") => {
  if (message === "stop") return stop();
  const agent = new Agent({ keepAlive: true, maxSockets: message.connections });
  started = performance.now();
  for (let caller = 0; caller < message.connections; caller++) void repeat(message, agent);
});
process.send?.("ready");

function stop(): void {
  stopped = true;
  const { hung_up, unanswered, bytes, statuses } = totals;
  const figures: AttackFigures = {
    calls: next,
    per_second: Math.round(next / ((performance.now() - started) / 1_000)),
    statuses: Object.fromEntries(statuses),
    hung_up,
    unanswered,
    megabytes: Math.round(bytes / 1e6),
  };
  // The end of this process closes all its connections at once.
  process.send?.(figures, () => process.exit());
}

async function repeat(attack: Attack, agent: Agent): Promise<void> {
  while (!stopped) {
    const nth = next++;
    const call = attack.calls[nth % attack.calls.length];
    if (call) await once(attack, { call, nth, agent });
  }
}

interface Turn {
  call: WorstCall;
  nth: number;
  agent: Agent;
}

function once({ url, token }: Attack, { call, nth, agent }: Turn): Promise<void> {
  const hangsUp = nth % HANG_UP_EVERY === 0;
  const mark = `#${String(nth % 10_000_000).padStart(7, "0")}#`;
  const payload = call.body?.replaceAll(MARK, mark);
  const headers = {
    ...call.headers,
    authorization: `Bearer ${token}`,
    ...(payload !== undefined && { "content-length": Buffer.byteLength(payload) }),
  };
  return new Promise((resolve) => {
    const sent = request(new URL(call.path, url), {
      agent: hangsUp ? false : agent,
      method: call.method,
      headers,
      timeout: ANSWER_MS,
    });
    sent.on("timeout", () => sent.destroy());
    sent.on("error", () => {
      if (!hangsUp) totals.unanswered++;
    });
    sent.on("close", resolve);
    sent.on("response", (response) => {
      const status = response.statusCode ?? 0;
      if (!hangsUp) totals.statuses.set(status, (totals.statuses.get(status) ?? 0) + 1);
      response.on("error", () => undefined); // Counted above.
      response.on("data", (chunk: Buffer) => (totals.bytes += chunk.length));
    });
    sent.end(payload, () => {
      if (!hangsUp) return;
      totals.hung_up++;
      sent.destroy();
    });
  });
}
