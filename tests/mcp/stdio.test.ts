import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { text } from "node:stream/consumers";
import { CrmError } from "../../src/domain/core/errors.ts";
import { remoteTools } from "../../src/mcp/remote.ts";
import { trackChild } from "../support/leftovers.ts";
import { bundled } from "../support/programs.ts";
import { type Office, openOffice, TOKEN } from "./office.ts";

const initialize = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } },
};

const children: ChildProcess[] = [];

function start(apiUrl: string, token = TOKEN) {
  const child = trackChild(spawn(process.execPath, [bundled("stdio-child"), apiUrl, token]));
  children.push(child);
  const ended = once(child, "exit").then(([code, signal]: unknown[]) => ({ code, signal }));
  return { child, ended };
}

/** The first output on stdout. */
async function greet(child: ReturnType<typeof start>["child"]): Promise<unknown> {
  child.stdin.write(`${JSON.stringify(initialize)}\n`);
  const [chunk] = (await once(child.stdout, "data")) as [Buffer];
  return JSON.parse(chunk.toString());
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port; // A TCP server's address has this type.

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server);
  await new Promise((closed) => server.close(closed));
  return port;
}

afterEach(() => children.splice(0).forEach((child) => child.kill("SIGKILL")));

describe("the stdio server", () => {
  let office: Office;
  beforeAll(async () => void (office = await openOffice()));
  afterAll(() => office.close());

  it("ends with 0 when stdin closes and has written nothing but the protocol to stdout", async () => {
    const { child, ended } = start(office.url);
    const said = text(child.stdout);
    child.stdin.end(`${JSON.stringify(initialize)}\n`);
    expect(await ended).toEqual({ code: 0, signal: null });
    const lines = (await said).split("\n").filter(Boolean);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ jsonrpc: "2.0", id: 1 }),
    ]);
  });

  it.each(["SIGINT", "SIGTERM"] as const)("ends with 0 on %s", async (signal) => {
    const { child, ended } = start(office.url);
    await greet(child);
    child.kill(signal);
    expect(await ended).toEqual({ code: 0, signal: null });
  });

  it.each([
    ["the client cancels it", { method: "notifications/cancelled", params: { requestId: 2 } }],
    ["stdin closes", null],
  ])("aborts a call under way when %s: the API sees the connection close", async (_when, message) => {
    let reached = () => {};
    const called = new Promise<void>((resolve) => void (reached = resolve));
    const waiting = await openOffice({
      job: () => {
        reached();
        return new Promise(() => {}); // Never answers, like a long wait for a decision.
      },
    });
    const { child } = start(waiting.url);
    await greet(child);
    const send = (request: object) =>
      child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...request })}\n`);
    send({ method: "notifications/initialized" });
    const params = { name: "job_status", arguments: { job_id: "job_1", wait_seconds: 20 } };
    send({ id: 2, method: "tools/call", params });
    await called;
    if (message) send(message);
    else child.stdin.end();
    expect(await waiting.abandoned).toBe("job_status");
    await waiting.close();
  });

  it("waits for an API that is still starting", async () => {
    const notYet = createHttpServer((_request, response) => void response.writeHead(503).end());
    notYet.listen(0, "127.0.0.1");
    await once(notYet, "listening");
    const port = portOf(notYet);
    const { child } = start(`http://127.0.0.1:${port}`);
    const greeted = greet(child);
    await once(notYet, "request");
    notYet.closeAllConnections();
    await new Promise((closed) => notYet.close(closed));
    const late = await openOffice({}, port);
    expect(await greeted).toMatchObject({ result: { serverInfo: { name: "countersign" } } });
    await late.close();
  });

  it("exits with 1 when the token is not accepted, and names the variable", async () => {
    const { child, ended } = start(office.url, "cs_wrong");
    const [said, { code }] = await Promise.all([text(child.stderr), ended]);
    expect(code).toBe(1);
    expect(said).toContain("CRM_API_TOKEN");
    expect(said).toContain("countersign token create");
  });
});

describe("the remote tools", () => {
  const signal = new AbortController().signal;
  const refusalOf = (asked: Promise<unknown>) =>
    asked.then(
      () => null,
      (error: unknown) => error,
    );

  it("say which URL did not answer and what to start", async () => {
    const apiUrl = `http://127.0.0.1:${await freePort()}`;
    const error = await refusalOf(remoteTools({ apiUrl, token: TOKEN, signal }).call("crm_query", {}));
    expect(error).toBeInstanceOf(CrmError);
    expect(error).toMatchObject({
      code: "unavailable",
      message: expect.stringContaining(apiUrl),
      body: { hint: expect.stringContaining("countersign start"), retryable: true },
    });
  });

  it("say that another program answers at the URL", async () => {
    const office = await openOffice({ query: () => Promise.reject(new Error("secret of the driver")) });
    const { call } = remoteTools({ apiUrl: office.url, token: TOKEN, signal });
    expect(await refusalOf(call("crm_query", { type: "contacts" }))).toMatchObject({
      code: "unavailable",
      message: `${office.url} answered HTTP 500, but the response is not from Countersign's API.`,
    });
    await office.close();
  });

  it("pass on a refusal unchanged", async () => {
    const refused = new CrmError("conflict", "Taken.", {
      hint: "Another.",
      extra: { alternatives: ["10:00"] },
    });
    const office = await openOffice({ submit: () => Promise.reject(refused) });
    const { call } = remoteTools({ apiUrl: office.url, token: TOKEN, signal });
    const error = await refusalOf(call("crm_action", { domain: "contact", action: "x", data: {} }));
    expect(error).toMatchObject({ body: refused.body });
    await office.close();
  });
});
