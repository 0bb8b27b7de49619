import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { DataSource } from "typeorm";
import type { ErrorBody } from "../../src/domain/core/errors.ts";
import type { AuthorizationView, JobView } from "../../src/domain/core/ports.ts";
import type { TestBackend } from "./backends.ts";
import { testDatabase } from "./database.ts";

const PROGRAM = fileURLToPath(new URL("../../bin/countersign.js", import.meta.url));

/** A running Countersign: real processes over a database of their own, as a customer would start them. */
export interface House {
  url: string;
  /** The first start's agent. */
  token: string;
  /** As the application's role, to look at rows. */
  db: DataSource;
  databaseUrl: string;
  /** Starts one more process of the product; its environment may differ. */
  spawn(services: string, env?: Record<string, string>): Promise<Process>;
  /** The first start's owner, signed in as a browser does it. */
  owner(): Promise<Session>;
  /** Calls the API as an agent; answers status and body. */
  agent<Data = JobView>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<Data>>;
  /** Submits an action as the first agent and waits until it has ended or is parked. */
  act(domain: string, action: string, data: unknown, more?: Record<string, unknown>): Promise<JobView>;
  processes: Process[];
  stop(): Promise<void>;
}

/** An answer in its envelope; the caller names what it expects in `data`. */
export interface Answer<Data = JobView> {
  status: number;
  body: { success: boolean; data: Data; error: ErrorBody };
  headers: Headers;
}

export interface Process {
  child: ChildProcess;
  url: string;
  output(): string;
  /** Ends it by a signal and waits until it is gone; answers the exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** A person's sign-in: cookie and CSRF token. */
export interface Session {
  call<Data = JobView>(method: string, path: string, body?: unknown): Promise<Answer<Data>>;
  decide(authorizationId: string, decision: Record<string, unknown>): Promise<Answer<AuthorizationView>>;
  cookie: string;
  csrf: string;
}

/** For tests that wait for what follows a worker's silence: shorter than by default, and nothing else is different. */
export const SHORT_SILENCE = { WORKER_SILENCE: "3s" };

interface HouseOptions {
  env?: Record<string, string>;
  /** Left out: everything in one process. */
  services?: string[];
}

/** Starts the product on its own database and, where the backend is Redis, on that. */
export async function aHouse(
  backend: Pick<TestBackend, "redisUrl">,
  options: HouseOptions = {},
): Promise<House> {
  const database = await testDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), "countersign-house-"));
  const processes: Process[] = [];
  const redisUrl = backend.redisUrl();
  const environment = {
    ...process.env,
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    PORT: "0",
    LOG_LEVEL: "WARN",
    ...(redisUrl && { REDIS_URL: redisUrl }),
    ...options.env,
  };
  const start = async (services: string, env: Record<string, string> = {}) => {
    const started = await startProcess(["start", "--services", services], { ...environment, ...env });
    processes.push(started);
    return started;
  };
  const stop = async () => {
    await Promise.all(processes.map((each) => each.end("SIGKILL")));
    await database.drop();
    await rm(dataDir, { recursive: true });
  };
  try {
    const services = options.services ?? ["api,worker,mcp"];
    for (const each of services) await start(each);
    const url = processes.find((each) => each.url.startsWith("http"))?.url ?? "";
    const firstRun = JSON.parse(await readFile(join(dataDir, "first-run.json"), "utf8")) as Record<
      string,
      string
    >;
    const token = firstRun.agent_token ?? "";
    const agent: House["agent"] = (method, path, body, headers = {}) =>
      request(url, method, path, body, { authorization: `Bearer ${token}`, ...headers });
    return {
      url,
      token,
      db: database.db,
      databaseUrl: database.url,
      spawn: start,
      owner: () => signIn(url, firstRun.owner_email ?? "", firstRun.owner_password ?? ""),
      agent,
      async act(domain, action, data, more = {}) {
        const { body } = await agent<JobView>(
          "POST",
          "/api/actions",
          { domain, action, data, ...more },
          { prefer: "wait=20" },
        );
        if (!body.success) throw new Error(JSON.stringify(body));
        return body.data;
      },
      processes,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** One process of the product, ready. */
export async function startProcess(args: string[], env: NodeJS.ProcessEnv): Promise<Process> {
  const child = spawn(process.execPath, [PROGRAM, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const end: Process["end"] = (signal) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return exited;
  };
  for await (const line of createInterface({ input: child.stdout })) {
    output += `${line}\n`;
    if (!line.startsWith("ready ")) continue;
    child.stdout.resume();
    return { child, url: line.slice("ready ".length), output: () => output, end };
  }
  throw new Error(`it did not start (exit ${await exited}):\n${output}`);
}

async function request<Data>(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer<Data>> {
  const response = await fetch(new URL(path, url), {
    method,
    headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    redirect: "manual",
  });
  const text = await response.text();
  return {
    status: response.status,
    body: text.startsWith("{") ? JSON.parse(text) : text,
    headers: response.headers,
  };
}

export async function signIn(url: string, email: string, password: string): Promise<Session> {
  const page = await fetch(new URL("/login", url));
  const csrfField = /name="_csrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? "";
  const signedIn = await fetch(new URL("/login", url), {
    method: "POST",
    redirect: "manual",
    headers: { "content-type": "application/x-www-form-urlencoded", cookie: cookiesOf(page) },
    body: new URLSearchParams({ email, password, _csrf: csrfField }).toString(),
  });
  if (signedIn.status !== 303) throw new Error(`sign-in answered ${signedIn.status}`);
  const cookie = cookiesOf(signedIn);
  const session = await request<{ csrf_token: string }>(url, "GET", "/api/session", undefined, { cookie });
  const csrf = session.body.data.csrf_token;
  const call: Session["call"] = (method, path, body) =>
    request(url, method, path, body, { cookie, "x-csrf-token": csrf });
  return {
    call,
    decide: (id, decision) => call("POST", `/api/authorizations/${id}`, decision),
    cookie,
    csrf,
  };
}

const cookiesOf = (response: Response): string =>
  response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");
