import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Client as CurrentClient, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { Client as LegacyClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as LegacyStdioTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as LegacyHttpTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import express, { type ErrorRequestHandler } from "express";
import { z } from "zod";
import { defineAction } from "../../src/domain/core/action.ts";
import { CrmError } from "../../src/domain/core/errors.ts";
import type { Crm, JobView } from "../../src/domain/core/ports.ts";
import type { Principal } from "../../src/domain/core/principal.ts";
import type { RecordType } from "../../src/domain/core/query.ts";
import { makeRegistry } from "../../src/domain/core/registry.ts";
import { mcpHandler } from "../../src/mcp/http.ts";
import type { McpLog } from "../../src/mcp/server.ts";
import { makeTools, type Tools } from "../../src/mcp/tools.ts";

/** A CRM made by hand at the port, the tools over it, and a small API app on a loopback port; real clients talk to it. */

export const TOKEN = "cs_test";
export const agent: Principal = { kind: "agent", id: "token_1", name: "Office manager" };

const action = (domain: string, name: string, audience?: "people") =>
  defineAction({
    domain,
    name,
    summary: `Does ${name} to a ${domain}.`,
    permission: "unrestricted",
    ...(audience && { audience }),
    input: z.strictObject({ id: z.string() }),
    example: { id: `${domain}_1` },
    handler: () => Promise.resolve({}),
  });

const type = (name: string): RecordType => ({
  type: name,
  description: `All ${name}.`,
  shape: { table: name, columns: ["id", "name"] },
  filters: {},
  includes: {},
  search: { text: ["r.name"] },
  sorts: { name: { by: "r.name", as: "text" } },
  defaultSort: "name",
});

/** In an order that is not the guide's, with a domain that the guide does not know and one for people only. */
export const registry = makeRegistry([
  {
    domain: "technician",
    description: "Who drives out.",
    noun: "technician",
    actions: [action("technician", "hire", "people")],
    types: [type("technicians")],
  },
  {
    domain: "reminder",
    description: "What not to forget.",
    noun: "reminder",
    actions: [action("reminder", "create")],
    types: [],
  },
  {
    domain: "contact",
    description: "Customers.",
    noun: "customer",
    actions: [action("contact", "create"), action("contact", "delete"), action("contact", "merge", "people")],
    types: [type("contacts")],
  },
  {
    domain: "ticket",
    description: "Visits.",
    noun: "visit",
    actions: [action("ticket", "cancel")],
    types: [type("tickets")],
  },
]);

export const aJob = (values: Partial<JobView> = {}): JobView => ({
  job_id: "job_1",
  action: "contact.create",
  status: "completed",
  created_at: "2026-11-22T09:00:00.000Z",
  finished_at: "2026-11-22T09:00:01.000Z",
  result: { id: "contact_1", name: "Johnson Family" },
  error: null,
  poll_after_ms: null,
  authorization: null,
  message: "Done.",
  requested_by: "Office manager",
  reasoning: null,
  ...values,
});

export const aParkedJob = (): JobView =>
  aJob({
    action: "contact.delete",
    status: "authorization_required",
    finished_at: null,
    result: null,
    poll_after_ms: 2_000,
    authorization: {
      queue_id: "auth_1",
      status: "pending",
      reason: "Customer has 15 tickets worth $4,500",
      approval_url: "http://localhost:8000/authorizations/auth_1",
      expires_at: "2026-11-25T09:00:00.000Z",
      note: null,
    },
    queue_id: "auth_1",
    reason: "Customer has 15 tickets worth $4,500",
    message: "Queued for your authorization.",
  });

const today = { date: "2026-11-22", weekday: "Sunday", zone: "America/Chicago" };
const answer = { items: [{ id: "contact_1", name: "Johnson Family" }], next_cursor: null, total: 1, today };
const notPart = () => Promise.reject(new Error("the tools never ask this"));

/** Answers everything that tools may ask with something plain; `methods` says what is different. */
export const aCrm = (methods: Partial<Crm> = {}): Crm => ({
  submit: () => Promise.resolve(aJob()),
  query: () => Promise.resolve(answer),
  job: () => Promise.resolve(aJob()),
  jobOfAuthorization: () => Promise.resolve(aJob()),
  jobs: notPart,
  withdraw: notPart,
  authorizations: notPart,
  authorization: notPart,
  decide: notPart,
  rules: notPart,
  revokeRule: notPart,
  ...methods,
});

export const toolsOver = (methods: Partial<Crm> = {}): Tools => makeTools(aCrm(methods), registry);

export interface Office {
  url: string;
  /** What went to the log. */
  logged: object[];
  close(): Promise<void>;
}

/** The routes that the API builds around the tools, and the MCP endpoint. */
export async function openOffice(methods: Partial<Crm> = {}, port = 0): Promise<Office> {
  const logged: object[] = [];
  const log: McpLog = { debug: () => undefined, error: (fields) => logged.push(fields) };
  const tools = toolsOver(methods);
  const app = express();
  app.use((request, response, next) => {
    if (request.headers.authorization !== `Bearer ${TOKEN}`) {
      const error = { code: "unauthenticated", message: "No.", fields: [], hint: null, retryable: false };
      response.status(401).json({ success: false, error });
      return;
    }
    response.locals.principal = agent;
    next();
  });
  app.use(express.json({ limit: "1mb" }));
  app.use("/mcp", mcpHandler(tools, { log }));
  app.get("/api/tools", (_request, response) => void response.json({ success: true, data: tools.list() }));
  app.post("/api/tools/:name", async ({ params, body }, response) => {
    response.json({ success: true, data: await tools.call(agent, params.name, body) });
  });
  app.use(envelopeOfErrors);
  const server = app.listen(port, "127.0.0.1");
  await once(server, "listening");
  const { port: listening } = server.address() as AddressInfo; // A TCP server has no other kind.
  return {
    url: `http://127.0.0.1:${listening}`,
    logged,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

const envelopeOfErrors: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (!(error instanceof CrmError)) return next(error);
  response.status(400).json({ success: false, error: error.body });
};

export interface TestClient {
  list(): Promise<{ name: string }[]>;
  /** Throws where the structured content does not fit the tool's output schema: the clients check that. */
  call(name: string, args?: Record<string, unknown>): Promise<Answer>;
  instructions(): string | undefined;
  close(): Promise<void>;
}

export interface Answer {
  isError: boolean;
  text: string;
  structured: unknown;
}

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
const bearer = { requestInit: { headers: { authorization: `Bearer ${TOKEN}` } } };
const stdioProgram = (apiUrl: string, token: string) => ({
  command: process.execPath,
  args: ["--import", "tsx", join(process.cwd(), "tests/mcp/stdio-child.ts"), apiUrl, token],
  stderr: "ignore" as const,
});

type Connect = (apiUrl: string) => Promise<TestClient>;

const current =
  (
    transportTo: (apiUrl: string) => StreamableHTTPClientTransport | StdioClientTransport,
    pin?: string,
  ): Connect =>
  async (apiUrl) => {
    const client = new CurrentClient(info, pin ? { versionNegotiation: { mode: { pin } } } : {});
    await client.connect(transportTo(apiUrl));
    return {
      list: async () => (await client.listTools()).tools,
      call: async (name, args = {}) => answerOf(await client.callTool({ name, arguments: args })),
      instructions: () => client.getInstructions(),
      close: () => client.close(),
    };
  };

const legacy =
  (transportTo: (apiUrl: string) => LegacyHttpTransport | LegacyStdioTransport): Connect =>
  async (apiUrl) => {
    const client = new LegacyClient(info);
    await client.connect(transportTo(apiUrl) as Parameters<LegacyClient["connect"]>[0]); // Its own transport; only optional properties disagree.
    return {
      list: async () => (await client.listTools()).tools,
      call: async (name, args = {}) => answerOf(await client.callTool({ name, arguments: args })),
      instructions: () => client.getInstructions(),
      close: () => client.close(),
    };
  };

const MODERN = "2026-07-28";
const overHttp = (apiUrl: string) => new StreamableHTTPClientTransport(new URL("/mcp", apiUrl), bearer);
const overStdio = (apiUrl: string) => new StdioClientTransport(stdioProgram(apiUrl, TOKEN));

/** Every way in: both clients, both revisions, both transports. */
export const clients: [string, Connect][] = [
  ["the current client over HTTP, revision 2026-07-28", current(overHttp, MODERN)],
  ["the current client over HTTP, revision 2025-11-25", current(overHttp)],
  [
    "the maintenance line's client over HTTP",
    legacy((url) => new LegacyHttpTransport(new URL("/mcp", url), bearer)),
  ],
  ["the current client over stdio, revision 2026-07-28", current(overStdio, MODERN)],
  ["the current client over stdio, revision 2025-11-25", current(overStdio)],
  [
    "the maintenance line's client over stdio",
    legacy((url) => new LegacyStdioTransport(stdioProgram(url, TOKEN))),
  ],
];
export const connectOverHttp = current(overHttp, MODERN);
