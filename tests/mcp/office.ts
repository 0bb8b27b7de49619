import { once } from "node:events";
import type { AddressInfo } from "node:net";
import express, { type ErrorRequestHandler } from "express";
import { z } from "zod";
import { defineAction } from "../../src/domain/core/action.ts";
import { capabilities } from "../../src/domain/core/capabilities.ts";
import { CrmError } from "../../src/domain/core/errors.ts";
import type { Crm } from "../../src/crm/contract.ts";
import type { JobView } from "../../src/domain/engine/jobs.ts";
import type { Principal } from "../../src/domain/core/principal.ts";
import type { RecordType } from "../../src/domain/core/record-type.ts";
import { makeRegistry } from "../../src/domain/core/registry.ts";
import { mcpHandler } from "../../src/mcp/http.ts";
import type { McpLog } from "../../src/mcp/server.ts";
import { makeTools, type Tools } from "../../src/mcp/tools.ts";
import { bundled } from "../support/programs.ts";
import {
  connectOverHttp as connectHttp,
  everyClient,
  type Place,
  type TestClient,
} from "../support/mcp-clients.ts";

/** A fake CRM with the real tools and a small API on a loopback port, for real clients. */
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
  shape: { table: name, columns: ["id", "name"], computed: {} },
  filters: {},
  includes: {},
  search: { text: ["r.name"] },
  sorts: { name: { by: "r.name", as: "text" } },
  defaultSort: "name",
});

/** Not in the guide's order, with a domain that the guide does not list and one for people only. */
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

/** Returns a fixed result from every method that tools call; `methods` overrides some. */
export const aCrm = (methods: Partial<Crm> = {}): Crm => ({
  capabilities: async (query) => capabilities(registry, query),
  submit: () => Promise.resolve(aJob()),
  customerLink: notPart,
  customerCalendar: notPart,
  query: () => Promise.resolve(answer),
  findCustomers: () => Promise.resolve({ candidates: [] }),
  calendarFeed: notPart,
  findAvailability: () =>
    Promise.resolve({
      date: "2026-11-23",
      weekday: "Monday",
      zone: "America/Chicago",
      minutes: 60,
      slots: [],
    }),
  job: () => Promise.resolve(aJob()),
  jobOfAuthorization: () => Promise.resolve(aJob()),
  jobs: notPart,
  withdraw: notPart,
  authorizations: notPart,
  authorization: notPart,
  authorizationChanges: notPart,
  decide: notPart,
  edit: notPart,
  rules: notPart,
  narrowRule: notPart,
  revokeRule: notPart,
  audit: notPart,
  subscribe: () => () => undefined,
  ...methods,
});

export const toolsOver = (methods: Partial<Crm> = {}): Tools => makeTools(aCrm(methods), registry);

export interface Office {
  url: string;
  /** The entries of the log. */
  logged: object[];
  /** The name of the next tool whose caller closes the connection before the answer. */
  abandoned: Promise<string>;
  close(): Promise<void>;
}

/** The routes that the API builds around the tools, and the MCP endpoint. */
export async function openOffice(methods: Partial<Crm> = {}, port = 0): Promise<Office> {
  const logged: object[] = [];
  const log: McpLog = { debug: () => undefined, error: (fields) => logged.push(fields) };
  const tools = toolsOver(methods);
  const app = express();
  let abandon: (tool: string) => void = () => {};
  const abandoned = new Promise<string>((resolve) => void (abandon = resolve));
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
    response.on("close", () => response.writableEnded || abandon(params.name));
    response.json({ success: true, data: await tools.call(agent, { name: params.name, input: body }) });
  });
  app.use(envelopeOfErrors);
  const server = app.listen(port, "127.0.0.1");
  await once(server, "listening");
  const { port: listening } = server.address() as AddressInfo; // A TCP server's address has this type.
  return {
    url: `http://127.0.0.1:${listening}`,
    logged,
    abandoned,
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

const placeOf = (apiUrl: string): Place => ({
  apiUrl,
  token: TOKEN,
  program: {
    command: process.execPath,
    args: [bundled("stdio-child"), apiUrl, TOKEN],
    stderr: "ignore",
  },
});

/** Every transport to an office, by its URL. */
export const clients = everyClient.map(
  ([name, connect]): [string, (apiUrl: string) => Promise<TestClient>] => [
    name,
    (apiUrl) => connect(placeOf(apiUrl)),
  ],
);
export const connectOverHttp = (apiUrl: string): Promise<TestClient> => connectHttp(placeOf(apiUrl));
export type { TestClient };
