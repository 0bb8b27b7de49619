import { Client as CurrentClient, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as LegacyStdioTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as LegacyHttpTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { z } from "zod";
import { productProgram } from "./programs.ts";

/** What a client needs to connect. */
export interface Place {
  apiUrl: string;
  token: string;
  /** The stdio server, a thin client of that API. */
  program: { command: string; args: string[]; env?: Record<string, string>; stderr: "ignore" };
}

export interface TestClient {
  list(): Promise<{ name: string }[]>;
  /** Throws if the structured content does not match the tool's output schema: the clients validate it. */
  call(name: string, args?: Record<string, unknown>): Promise<Answer>;
  instructions(): string | undefined;
  close(): Promise<void>;
}

export interface Answer {
  isError: boolean;
  text: string;
  structured: unknown;
}

export type Connect = (place: Place) => Promise<TestClient>;

/** A running API, and the command that starts `countersign mcp`. */
export const placeOf = ({ url, token }: { url: string; token: string }): Place => ({
  apiUrl: url,
  token,
  program: {
    command: process.execPath,
    args: [productProgram(), "mcp"],
    env: { CRM_API_URL: url, CRM_API_TOKEN: token, MCP_LOG_LEVEL: "SILENT" },
    stderr: "ignore",
  },
});

const answerShape = z.object({
  isError: z.boolean().default(false),
  content: z.tuple([z.object({ type: z.literal("text"), text: z.string() })]),
  structuredContent: z.unknown().optional(),
});

function answerOf(result: unknown): Answer {
  const { isError, content, structuredContent } = answerShape.parse(result);
  return { isError, text: content[0].text, structured: structuredContent };
}

const info = { name: "test", version: "1" };
const endpoint = ({ apiUrl }: Place) => new URL("/mcp", apiUrl);
const bearer = ({ token }: Place) => ({ requestInit: { headers: { authorization: `Bearer ${token}` } } });

const current =
  (
    transportTo: (place: Place) => StreamableHTTPClientTransport | StdioClientTransport,
    pin?: string,
  ): Connect =>
  async (place) => {
    const client = new CurrentClient(info, pin ? { versionNegotiation: { mode: { pin } } } : {});
    await client.connect(transportTo(place));
    return {
      list: async () => (await client.listTools()).tools,
      call: async (name, args = {}) => answerOf(await client.callTool({ name, arguments: args })),
      instructions: () => client.getInstructions(),
      close: () => client.close(),
    };
  };

const legacy =
  (transportTo: (place: Place) => LegacyHttpTransport | LegacyStdioTransport): Connect =>
  async (place) => {
    const client = new LegacyClient(info);
    await client.connect(transportTo(place) as Parameters<LegacyClient["connect"]>[0]); // Its own transport; only optional properties disagree.
    return {
      list: async () => (await client.listTools()).tools,
      call: async (name, args = {}) => answerOf(await client.callTool({ name, arguments: args })),
      instructions: () => client.getInstructions(),
      close: () => client.close(),
    };
  };

const MODERN = "2026-07-28";
const overHttp = (place: Place) => new StreamableHTTPClientTransport(endpoint(place), bearer(place));
const overStdio = ({ program }: Place) => new StdioClientTransport(program);

export const connectOverHttp = current(overHttp, MODERN);

/** Every combination of client, revision and transport. */
export const everyClient: [string, Connect][] = [
  ["the current client over HTTP, revision 2026-07-28", connectOverHttp],
  ["the current client over HTTP, revision 2025-11-25", current(overHttp)],
  [
    "the maintenance line's client over HTTP",
    legacy((place) => new LegacyHttpTransport(endpoint(place), bearer(place))),
  ],
  ["the current client over stdio, revision 2026-07-28", current(overStdio, MODERN)],
  ["the current client over stdio, revision 2025-11-25", current(overStdio)],
  ["the maintenance line's client over stdio", legacy(({ program }) => new LegacyStdioTransport(program))],
];
