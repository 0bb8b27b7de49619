import { Agent, request } from "node:http";

/** Makes one call and waits for its result; true if the caller got what it waited for. */
export type Call = (nth: number) => Promise<boolean>;

export interface Load {
  calls: number;
  per_second: number;
  p50_ms: number;
  p99_ms: number;
  /** Calls that timed out or failed. */
  left_waiting: number;
}

/**
 * Runs `callers` concurrent callers that each repeat `call` until `calls` calls are made. Before that, a tenth as many
 * calls warm up; `nth` also counts those.
 */
export async function drive(callers: number, calls: number, call: Call): Promise<Load> {
  const warming = warmUpOf(calls);
  let next = 0;
  const round = async (end: number) => {
    const times: number[] = [];
    let unanswered = 0;
    const caller = async () => {
      while (next < end) {
        const sent = performance.now();
        if (!(await call(next++))) unanswered++;
        times.push(performance.now() - sent);
      }
    };
    const started = performance.now();
    await Promise.all(Array.from({ length: callers }, caller));
    return { times, unanswered, seconds: (performance.now() - started) / 1_000 };
  };
  await round(warming);
  const { times, unanswered, seconds } = await round(warming + calls);
  return {
    calls,
    per_second: rounded(calls / seconds),
    p50_ms: percentile(times, 50),
    p99_ms: percentile(times, 99),
    left_waiting: unanswered,
  };
}

export const warmUpOf = (calls: number): number => Math.ceil(calls / 10);

export function percentile(times: readonly number[], percent: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return rounded(sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? 0);
}

/** Three significant digits. */
export const rounded = (value: number): number => Number(value.toPrecision(3));

/** Keep-alive connections. Uses node:http, because fetch would cost more than the measured call. */
const agent = new Agent({ keepAlive: true, maxSockets: 256 });

export interface Reply {
  status: number;
  text: string;
}

export function call(
  method: "GET" | "POST",
  url: string,
  { body, headers }: { body?: unknown; headers?: Record<string, string> } = {},
): Promise<Reply> {
  const payload = body === undefined ? "" : JSON.stringify(body);
  const described = payload && {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(payload),
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, method, headers: { ...described, ...headers } });
    sent.on("error", reject).on("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("error", reject).on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.end(payload);
  });
}

export const closeConnections = (): void => agent.destroy();
