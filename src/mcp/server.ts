import { readFileSync } from "node:fs";
import { McpServer, ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import { typeid } from "typeid-js";
import { z } from "zod";
import { CrmError, internal } from "../domain/core/errors.ts";
import { showHiddenCharacters } from "../domain/core/hidden-characters.ts";
import { instructions } from "./instructions.ts";
import { presentData, presentError, presentJob } from "./present.ts";
import type { Answers, ToolDescription } from "./tool.ts";

/** Must not write to stdout, which carries the protocol over stdio. */
export interface McpLog {
  debug(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** The tools of one caller, in this process or behind the API. */
export interface ToolSource {
  list: readonly ToolDescription[];
  /** Throws `not_found` with the nearest names. */
  find(name: string): CallableTool;
}

export interface CallableTool {
  answers: Answers;
  /** `signal` aborts when the client cancels the call. */
  call(input: unknown, signal: AbortSignal): Promise<object>;
}

const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")));

const info = { name: "countersign", title: "Countersign", version };

/** A server for one request or one connection: instances must not be shared between requests. */
export function makeMcpServer(tools: ToolSource, log: McpLog): McpServer {
  const mcp = new McpServer(info, { capabilities: { tools: { listChanged: false } }, instructions });
  mcp.server.setRequestHandler("tools/list", () => ({ tools: [...tools.list] }));
  mcp.server.setRequestHandler("tools/call", async ({ params }, { mcpReq }) => {
    const { answers, call } = findRequested(tools, params.name);
    try {
      const data = await call(params.arguments ?? {}, mcpReq.signal);
      return answers === "job" ? presentJob(data) : presentData(data);
    } catch (error) {
      return presentError(error instanceof CrmError ? error : unexpected(error, params.name, log));
    }
  });
  return mcp;
}

/** An unknown tool is a protocol error, not a tool result. */
function findRequested(tools: ToolSource, name: string): CallableTool {
  try {
    return tools.find(name);
  } catch (error) {
    if (!(error instanceof CrmError)) throw error;
    const { message, hint } = error.body;
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, showHiddenCharacters(`${message} ${hint}`));
  }
}

/** An unexpected error goes to the log. The model gets a reference to it, never its text. */
function unexpected(error: unknown, tool: string, log: McpLog): CrmError {
  const reference = typeid("error").toString();
  log.error({ err: error, tool, reference }, "a tool failed unexpectedly");
  return internal(reference);
}
