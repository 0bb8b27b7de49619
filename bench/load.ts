import { Agent, request } from "node:http";

/** One call from beginning to answer; true where its caller got what it waited for. */
export type Call = (nth: number) => Promise<boolean>;

export interface Load {
  calls: number;
  per_second: number;
  p50_ms: number;
  p99_ms: number;
  /** Callers that gave up, or got an answer that is no answer. */
  left_waiting: number;
}

/**
 * `callers` at once, each calling again when it is answered, until `calls` are made. As many calls again as a tenth of
 * them warm up before; `nth` counts those too.
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

/** Three digits are as many as a measurement has. */
export const rounded = (value: number): number => Number(value.toPrecision(3));

/** Kept connections, as any client that calls often has; node:http, because fetch costs more than what is measured. */
const agent = new Agent({ keepAlive: true, maxSockets: 256 });

export interface Reply {
  status: number;
  text: string;
}

export function call(
  method: "GET" | "POST",
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
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
