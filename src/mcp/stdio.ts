import { setTimeout as pause } from "node:timers/promises";
import { serveStdio, StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { CrmError } from "../domain/core/errors.ts";
import { type RemoteTools, remoteTools } from "./remote.ts";
import { type McpLog, makeMcpServer } from "./server.ts";
import type { ToolDescription } from "./tool.ts";

interface StdioOptions {
  apiUrl: string;
  token: string;
  /** Writes to stderr. */
  log: McpLog;
}

const START_PATIENCE_MS = 10_000;
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

/** Whoever starts this beside the API may be a little early; nothing when told to stop meanwhile. */
async function listWhenUp(remote: RemoteTools, signal: AbortSignal): Promise<ToolDescription[] | null> {
  const deadline = performance.now() + START_PATIENCE_MS;
  for (;;) {
    try {
      return await remote.list();
    } catch (error) {
      if (signal.aborted) return null;
      const early = error instanceof CrmError && error.code === "unavailable";
      if (!early || performance.now() > deadline) throw error;
      await pause(RETRY_MS);
    }
  }
}

function serve(
  { call }: RemoteTools,
  list: ToolDescription[],
  { log, stop }: { log: McpLog; stop: AbortController },
): Promise<void> {
  return new Promise((resolve) => {
    const transport = new StdioServerTransport();
    const onerror = (error: Error) => log.debug({ err: error }, "a message was not served");
    const handle = serveStdio(() => makeMcpServer({ list, call }, log), { transport, onerror });
    stop.signal.addEventListener("abort", () => void handle.close());
    const closed = transport.onclose;
    transport.onclose = () => {
      closed?.();
      stop.abort(); // Nobody is left to read the answers of calls under way.
      resolve();
    };
  });
}
