import { once } from "node:events";
import { createServer, request, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { hash } from "@node-rs/argon2";
import { pino } from "pino";
import type { DataSource } from "typeorm";
import { createOwner } from "../../src/identity/accounts.ts";
import { createAgentToken } from "../../src/identity/tokens.ts";
import { type ApiParts, makeApp } from "../../src/api/app.ts";
import { makeBoard } from "../../src/api/board.ts";
import { newId } from "../../src/domain/core/ids.ts";
import type { Crm } from "../../src/crm/contract.ts";
import { makeRegistry } from "../../src/domain/core/registry.ts";
import { domains } from "../../src/domain/index.ts";
import { User } from "../../src/entities/user.ts";
import { SecurityEvent } from "../../src/entities/security-event.ts";
import { mcpHandler } from "../../src/mcp/http.ts";
import { makeTools } from "../../src/mcp/tools.ts";
import { makeNotifier } from "../../src/queue/notify.ts";
import { makeAccessWatch } from "../../src/crm/access.ts";
import { makeCrm } from "../../src/crm/index.ts";
import { makeJobWorkers } from "../../src/workers/job-workers.ts";
import { connectQueues, queueNames } from "../../src/queue/index.ts";
import { makeWaiters } from "../../src/crm/waiters.ts";
import { testDatabase } from "../support/database.ts";
import { theSettings } from "../support/factories.ts";

export const OWNER = { email: "owner@example.com", password: "correct horse battery", name: "Olive Owner" };

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The envelope; empty if the answer is not JSON. */
  json: {
    success?: boolean;
    data?: Record<string, unknown>;
    error?: {
      code: string;
      message: string;
      hint: string | null;
      fields: { path: string; message: string }[];
    };
  };
}

export interface Ask {
  method?: string;
  headers?: Record<string, string>;
  /** An object is sent as JSON, a string unchanged. */
  body?: unknown;
}

export interface Browser {
  /** `cs_session=…` */
  cookie: string;
  csrf: string;
}

export interface TestApi {
  url: string;
  db: DataSource;
  /** An agent's token and the id behind it. */
  agent: { id: string; token: string };
  /** Decisions and revocations that reached the CRM. */
  decided: string[];
  /** Lines of the log. */
  log: string[];
  ask(path: string, ask?: Ask): Promise<Answer>;
  asAgent(path: string, ask?: Ask): Promise<Answer>;
  asPerson(browser: Browser, path: string, ask?: Ask): Promise<Answer>;
  signIn(email?: string, password?: string): Promise<Browser>;
  aUser(role: User["role"]): Promise<Browser>;
  events(): Promise<SecurityEvent[]>;
  /** The attempts that were refused during `send`, one entry each; equal ones stand together. */
  refusedDuring(send: () => Promise<unknown>): Promise<SecurityEvent[]>;
  close(): Promise<void>;
}

/**
 * The whole HTTP interface over a real CRM, on a loopback port. Requests are sent with `node:http`: fetch would
 * normalize the paths that the security tests send.
 */
export async function startApi(parts: Partial<ApiParts> = {}): Promise<TestApi> {
  const { url: databaseUrl, db, drop } = await testDatabase();
  await theSettings(db);
  const { registry = makeRegistry(domains) } = parts;
  const problems: unknown[] = [];
  const onError = (error: unknown) => problems.push(error);
  const log: string[] = [];
  const logger = pino({ level: "info" }, { write: (line: string) => log.push(line) });
  const queues = await connectQueues({ databaseUrl, poolSize: 20, log: logger });
  const notifier = makeNotifier(db, onError);
  const waiters = makeWaiters(db, databaseUrl, onError);
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const publicUrl = () => `http://localhost:${port}`;
  const now = () => new Date();
  const crm = makeCrm({ db, registry, queues, waiters, notifier, publicUrl, clock: { now }, onError });
  const options = { authorizationTtlMs: 3_600_000, publicUrl: publicUrl() };
  const worker = { db, registry, queues, notifier, options, concurrency: 4, onBug: onError, onError };
  const workers = makeJobWorkers(worker);
  const decided: string[] = [];
  const spiedCrm: Crm = {
    ...crm,
    decide: (actor, id, decision) => {
      decided.push(id);
      return crm.decide(actor, id, decision);
    },
    revokeRule: (actor, id) => {
      decided.push(id);
      return crm.revokeRule(actor, id);
    },
  };
  const tools = makeTools(spiedCrm, registry);
  const app = makeApp({
    crm: spiedCrm,
    access: makeAccessWatch(waiters),
    db,
    registry,
    publicUrl,
    now,
    log: logger,
    limits: { callsPerMinute: 10_000, waits: 100 },
    health: () => Promise.resolve({ database: null, queue: null }),
    metrics: () => Promise.resolve(""),
    tools,
    mcp: mcpHandler(tools, { log: logger }),
    board: makeBoard(queueNames.map((name) => queues.queue(name))),
    ...parts,
  });
  server.on("request", app);
  await createOwner(db, OWNER);
  const agent = await createAgentToken(db, "Office manager");

  const events = () => db.getRepository(SecurityEvent).find({ order: { id: "ASC" } });
  const ask: TestApi["ask"] = (path, options = {}) => send(port, path, options);
  const signIn: TestApi["signIn"] = async (email = OWNER.email, password = OWNER.password) => {
    const page = await ask("/login");
    const answer = await ask("/login", {
      method: "POST",
      headers: { cookie: cookieOf(page, "cs_login"), ...FORM },
      body: form({ email, password, _csrf: csrfIn(page) }),
    });
    const cookie = cookieOf(answer, "cs_session");
    const session = await ask("/api/session", { headers: { cookie } });
    return { cookie, csrf: String(session.json.data?.csrf_token) };
  };
  return {
    url: `http://localhost:${port}`,
    db,
    agent,
    decided,
    log,
    ask,
    signIn,
    asAgent: (path, options = {}) =>
      ask(path, { ...options, headers: { authorization: `Bearer ${agent.token}`, ...options.headers } }),
    asPerson: ({ cookie, csrf }, path, options = {}) =>
      ask(path, { ...options, headers: { cookie, "x-csrf-token": csrf, ...options.headers } }),
    async aUser(role) {
      const email = `${role}-${newId("user")}@example.com`;
      const password_hash = await hash("a password", { memoryCost: 1_024, timeCost: 1 });
      await db
        .getRepository(User)
        .insert({ id: newId("user"), email, name: `A ${role}`, role, password_hash, active: true });
      return signIn(email, "a password");
    },
    events,
    async refusedDuring(send) {
      const before = new Map((await events()).map(({ id, attempts }) => [id, attempts ?? 1]));
      await send();
      const more = ({ id, attempts }: SecurityEvent) => (attempts ?? 1) - (before.get(id) ?? 0);
      return (await events()).flatMap((event) => Array<SecurityEvent>(more(event)).fill(event));
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      for (const each of workers) await each.close();
      await waiters.close();
      await notifier.close();
      await queues.close();
      await drop();
    },
  };
}

export const FORM = { "content-type": "application/x-www-form-urlencoded" };
export const form = (fields: Record<string, string>): string => new URLSearchParams(fields).toString();

/** `name=value` of a cookie that the answer sets, or an empty string. */
export function cookieOf({ headers }: Answer, name: string): string {
  return headers["set-cookie"]?.find((line) => line.startsWith(`${name}=`))?.split(";")[0] ?? "";
}

export const csrfIn = ({ text }: Answer): string => /name="_csrf" value="([^"]*)"/.exec(text)?.[1] ?? "";

function send(port: number, path: string, { method = "GET", headers = {}, body }: Ask): Promise<Answer> {
  const payload = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  const json = payload !== undefined && typeof body !== "string";
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: "127.0.0.1",
        port,
        path,
        method,
        agent: false,
        headers: {
          ...(json && { "content-type": "application/json" }),
          ...(payload !== undefined &&
            headers["transfer-encoding"] === undefined && {
              "content-length": String(Buffer.byteLength(payload)),
            }),
          ...headers,
        },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, json: jsonIn(text) });
        });
      },
    );
    outgoing.on("error", reject);
    outgoing.end(payload);
  });
}

function jsonIn(text: string): Answer["json"] {
  try {
    return JSON.parse(text) as Answer["json"];
  } catch {
    return {};
  }
}
