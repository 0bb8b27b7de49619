import type { TestApp } from "../tests/support/app.ts";
import { startChild } from "./child.ts";
import { call, type Call, drive, type Load } from "./load.ts";

export interface ToolCalls {
  mcp: Load;
  express: Load;
}

const message = { jsonrpc: "2.0", id: 1, method: "tools/call" };
const params = { name: "crm_capabilities", arguments: { domain: "job" } };

/** MCP `tools/call` compared with a plain Express POST of the same size that echoes its body. */
export async function toolCalls({ url, token }: TestApp, calls: number): Promise<ToolCalls> {
  const headers = {
    authorization: `Bearer ${token}`,
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": "2025-11-25",
  };
  const succeeds: (call: ReturnType<typeof post>) => Call = (send) => async (nth) =>
    (await send(nth)) === 200;
  const mcp = await drive(16, calls, succeeds(post(`${url}/mcp`, headers)));
  const plain = await startChild("plain-express.ts");
  const express = await drive(16, calls, succeeds(post(plain.greeting, {})));
  await plain.end();
  return { mcp, express };
}

const post = (url: string, headers: Record<string, string>) => async (nth: number) =>
  (await call("POST", url, { body: { ...message, id: nth, params }, headers })).status;
