import { setTimeout as pause } from "node:timers/promises";
import { serveStdio, StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { CrmError } from "../domain/core/errors.ts";
import { type RemoteTools, remoteTools } from "./remote.ts";
import { type CallableTool, type McpLog, makeMcpServer } from "./server.ts";
import { answersOf, findTool, type ToolDescription } from "./tool.ts";

interface StdioOptions {
  apiUrl: string;
  token: string;
  /** Writes to stderr. */
  log: McpLog;
}

const START_TIMEOUT_MS = 10_000;
const RETRY_MS = 250;

/**
 * MCP over stdin and stdout, a thin client of a running API. Ends when stdin closes or on SIGINT and SIGTERM; throws
 * a CrmError where the API cannot be used.
 */
export async function runStdio({ apiUrl, token, log }: StdioOptions): Promise<void> {
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
  try {
    const remote = remoteTools({ apiUrl, token, signal: stop.signal });
    const list = await listWhenUp(remote, stop.signal);
    if (list) await serve(remote, list, { log, stop });
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
}

/** Retries while the API is unavailable, because both may start at the same time. Null when aborted. */
async function listWhenUp(remote: RemoteTools, signal: AbortSignal): Promise<ToolDescription[] | null> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      return await remote.list();
    } catch (error) {
      if (signal.aborted) return null;
      const unavailable = error instanceof CrmError && error.code === "unavailable";
      if (!unavailable || performance.now() > deadline) throw error;
      await pause(RETRY_MS);
    }
  }
}

function serve(
  remote: RemoteTools,
  list: ToolDescription[],
  { log, stop }: { log: McpLog; stop: AbortController },
): Promise<void> {
  return new Promise((resolve) => {
    const transport = new StdioServerTransport();
    const onerror = (error: Error) => log.debug({ err: error }, "a message was not served");
    const find = (name: string): CallableTool => ({
      answers: answersOf(findTool(list, name)),
      call: (input, signal) => remote.call(name, input, signal),
    });
    const handle = serveStdio(() => makeMcpServer({ list, find }, log), { transport, onerror });
    stop.signal.addEventListener("abort", () => void handle.close());
    const closed = transport.onclose;
    transport.onclose = () => {
      closed?.();
      stop.abort(); // Cancels pending calls: no client can read their results.
      resolve();
    };
  });
}
