import { type ChildProcess, spawn, type StdioOptions } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { DataSource } from "typeorm";
import type { ErrorBody } from "../../src/domain/core/errors.ts";
import type { AuthorizationView } from "../../src/domain/engine/authorization/view.ts";
import type { JobView } from "../../src/domain/engine/jobs.ts";
import type { TestBackend } from "./backends.ts";
import { withClock } from "./clock.ts";
import { testDatabase } from "./database.ts";
import { tempFolder, trackChild } from "./leftovers.ts";
import { productProgram } from "./programs.ts";

/** A running Countersign: real processes with their own database. */
export interface TestApp {
  url: string;
  /** The token of the agent that the first start created. */
  token: string;
  /** Connected as the application's role, to read rows. */
  db: DataSource;
  databaseUrl: string;
  /** Starts another process of the product; `env` is added to its environment. */
  spawn(services: string, env?: Record<string, string>): Promise<Process>;
  /** The environment of every process of the app. */
  environment: NodeJS.ProcessEnv;
  /** Signs in as the owner that the first start created, as a browser does; `at` is another process of the app. */
  owner(at?: string): Promise<Session>;
  /** Calls the API as the agent. */
  agent<Data = JobView>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<Data>>;
  /** Submits an action as the agent and waits until its job has ended or is parked. */
  act(domain: string, action: string, data: unknown, more?: Record<string, unknown>): Promise<JobView>;
  processes: Process[];
  stop(): Promise<void>;
}

/** A response with its envelope; the caller declares the type of `data`. */
export interface Answer<Data = JobView> {
  status: number;
  body: { success: boolean; data: Data; error: ErrorBody };
  headers: Headers;
}

export interface Process {
  child: ChildProcess;
  url: string;
  output(): string;
  /** Sends a signal and waits for the exit; resolves with the exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** A signed-in person: cookie and CSRF token. */
export interface Session {
  call<Data = JobView>(method: string, path: string, body?: unknown): Promise<Answer<Data>>;
  decide(authorizationId: string, decision: Record<string, unknown>): Promise<Answer<AuthorizationView>>;
  cookie: string;
  csrf: string;
}

/** Shorter than the default, for tests that wait until a silent worker counts as dead. */
export const SHORT_SILENCE = { WORKER_SILENCE: "3s" };

interface AppOptions {
  env?: Record<string, string>;
  /** One entry per process; the default is everything in one process. */
  services?: string[];
  /** Start of the product's clock, which `setClock()` moves; the default is the database's clock. */
  clock?: Date;
}

/** Starts the product with its own database and, if the backend is Redis, with that Redis. */
export async function startApp(
  backend: Pick<TestBackend, "redisUrl">,
  options: AppOptions = {},
): Promise<TestApp> {
  const database = await testDatabase();
  const dataDir = await tempFolder("app");
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
    const { clock } = options;
    const started = await startProcess(
      ["start", "--services", services],
      { ...environment, ...env, ...(clock && { CLOCK: clock.toISOString() }) },
      clock && withClock,
    );
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
    const agent: TestApp["agent"] = (method, path, body, headers = {}) =>
      request(url, method, path, body, { authorization: `Bearer ${token}`, ...headers });
    return {
      url,
      token,
      db: database.db,
      databaseUrl: database.url,
      spawn: start,
      environment,
      owner: (at = url) => signIn(at, firstRun.owner_email ?? "", firstRun.owner_password ?? ""),
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

/** Starts one process of the product; resolves once it is ready. */
export async function startProcess(
  args: string[],
  env: NodeJS.ProcessEnv,
  program = [productProgram()],
): Promise<Process> {
  const stdio: StdioOptions = ["ignore", "pipe", "pipe", ...(env["CLOCK"] ? (["ipc"] as const) : [])];
  const child = trackChild(spawn(process.execPath, [...program, ...args], { env, stdio }));
  if (!child.stdout || !child.stderr) throw new Error("it has no pipes"); // Never: stdio asks for them.
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

export async function request<Data = JobView>(
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
