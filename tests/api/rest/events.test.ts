import { get } from "node:http";
import { CHANNEL } from "../../../src/queue/notify.ts";
import { anyBackend } from "../../support/backends.ts";
import { eventually } from "../../support/eventually.ts";
import { asOwner } from "../../support/flush-queue.ts";
import { startApp, type TestApp } from "../../support/app.ts";
import { askToDelete } from "../../support/parked.ts";
import { type Browser, type TestApi, startApi } from "../test-app.ts";

interface ReceivedEvent {
  type: string;
  data: Record<string, unknown>;
}

interface Stream {
  status: number;
  headers: Record<string, unknown>;
  received: ReceivedEvent[];
  text(): string;
  /** `whole`: the server ended the response; `cut`: the connection broke. */
  ended: Promise<"whole" | "cut">;
  close(): void;
}

function listen(url: string, headers: Record<string, string>): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const request = get(new URL("/api/events", url), { headers, agent: false }, (answer) => {
      let text = "";
      const received: ReceivedEvent[] = [];
      answer.on("data", (chunk: Buffer) => {
        text += chunk.toString();
        received.splice(0, Infinity, ...parseEvents(text));
      });
      answer.on("error", () => undefined);
      const ended = new Promise<"whole" | "cut">((resolveEnd) =>
        answer.once("close", () => resolveEnd(answer.complete ? "whole" : "cut")),
      );
      resolve({
        status: answer.statusCode ?? 0,
        headers: answer.headers,
        received,
        text: () => text,
        ended,
        close: () => request.destroy(),
      });
    });
    request.on("error", reject);
  });
}

const parseEvents = (text: string): ReceivedEvent[] =>
  [...text.matchAll(/^id: \d+\nevent: (\w+)\ndata: (.*)\n\n/gm)].map(([, type = "", data = ""]) => ({
    type,
    data: JSON.parse(data) as ReceivedEvent["data"],
  }));

describe("live events", () => {
  let api: TestApi;
  let owner: Browser;
  const streams: Stream[] = [];
  beforeAll(async () => {
    api = await startApi({ heartbeatMs: 300 });
    owner = await api.signIn();
  });
  afterEach(() => streams.splice(0).forEach((stream) => stream.close()));
  afterAll(() => api.close());

  async function openStream({ cookie }: Browser): Promise<Stream> {
    const stream = await listen(api.url, { cookie });
    streams.push(stream);
    if (stream.status === 200) await eventually(() => expect(stream.received).not.toEqual([]));
    return stream;
  }

  async function act(action: string, data: unknown): Promise<Record<string, unknown>> {
    const [domain, name] = action.split(".");
    const { json } = await api.asAgent("/api/actions", {
      method: "POST",
      headers: { prefer: "wait=20" },
      body: { domain, action: name, data, reasoning: "They asked for it." },
    });
    return json.data ?? {};
  }
  const created = async (action: string, data: unknown) =>
    String(((await act(action, data)).result as { id: string }).id);

  it("start with a resync, and are neither cached nor buffered by proxies", async () => {
    const stream = await openStream(owner);
    expect(stream).toMatchObject({
      status: 200,
      headers: {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store",
        "x-accel-buffering": "no",
      },
    });
    expect(stream.headers).not.toHaveProperty("content-encoding");
    expect(stream.headers).not.toHaveProperty("access-control-allow-origin");
    expect(stream.text()).toMatch(/^retry: 2000\n\n/);
    expect(stream.received[0]).toEqual({ type: "resync", data: {} });
    await eventually(() => expect(stream.text()).toContain("\n: still here\n\n"));
  });

  it("report a parked request, its decision, the end of its job and the changed records", async () => {
    const customer = await created("contact.create", { name: "Johnson Family" });
    const ticket = await created("ticket.create", { customer_id: customer });
    const stream = await openStream(owner);
    const { received } = stream;

    const { job_id, queue_id } = await act("contact.delete", { id: customer });
    const authorization = (status: string) => ({
      type: "authorization",
      data: { id: queue_id, status, job_id },
    });
    const job = (status: string) => ({
      type: "job",
      data: { id: job_id, status, action: "contact.delete" },
    });
    await eventually(() => expect(received).toContainEqual(job("authorization_required")));
    await eventually(() => expect(received).toContainEqual(authorization("pending")));

    await api.asPerson(owner, `/api/authorizations/${queue_id}`, {
      method: "POST",
      body: { decision: "authorized" },
    });
    await eventually(() => expect(received).toContainEqual(job("completed")));
    await eventually(() => expect(received).toContainEqual(authorization("authorized")));
    for (const [record, id] of [
      ["contact", customer],
      ["ticket", ticket],
    ])
      await eventually(() =>
        expect(received).toContainEqual({ type: "record", data: { id, record, job_id } }),
      );
  });

  it("report denied and withdrawn requests", async () => {
    const customer = await created("contact.create", { name: "Smith Family" });
    await created("ticket.create", { customer_id: customer });
    const { received } = await openStream(owner);
    const denied = await act("contact.delete", { id: customer });
    await api.asPerson(owner, `/api/authorizations/${denied.queue_id}`, {
      method: "POST",
      body: { decision: "denied" },
    });
    const withdrawn = await act("contact.delete", { id: customer });
    await api.asAgent(`/api/jobs/${withdrawn.job_id}/withdraw`, { method: "POST" });
    for (const [{ job_id, queue_id }, status] of [
      [denied, "denied"],
      [withdrawn, "withdrawn"],
    ] as const)
      await eventually(() =>
        expect(received).toContainEqual({ type: "authorization", data: { id: queue_id, status, job_id } }),
      );
  });

  it("end when the user signs out", async () => {
    const otto = await api.aUser("office");
    const stream = await openStream(otto);
    await api.asPerson(otto, "/logout", { method: "POST" });
    expect(await stream.ended).toBe("whole");
    expect((await openStream(otto)).status).toBe(401);
  });

  it("are limited to twenty streams per user", async () => {
    const olive = await api.aUser("owner");
    const opened = await Promise.all(Array.from({ length: 20 }, () => openStream(olive)));
    expect(new Set(opened.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await openStream(olive)).status).toBe(429);
    opened[0]?.close();
    await eventually(async () => expect((await openStream(olive)).status).toBe(200));
  });

  it("reject everyone but owner and office, and cross-site requests, and store each attempt", async () => {
    const path = "/api/events";
    const stored = await api.refusedDuring(async () => {
      expect((await api.asAgent(path)).json.error).toMatchObject({ code: "forbidden" });
      expect((await api.ask(path)).status).toBe(401);
      expect((await api.asPerson(await api.aUser("technician"), path)).status).toBe(403);
      const foreign = { headers: { origin: "https://evil.example" } };
      expect((await api.asPerson(owner, path, foreign)).status).toBe(403);
    });
    expect(new Set(stored.map(({ route }) => route))).toEqual(new Set(["GET /api/events"]));
    expect(stored.map(({ principal }) => principal.split(":")[0]).sort()).toEqual([
      "agent",
      "anonymous",
      "user",
      "user",
    ]);
  });

  it("answer HEAD without opening a stream", async () => {
    expect(await api.asPerson(owner, "/api/events", { method: "HEAD" })).toMatchObject({
      status: 200,
      text: "",
    });
  });
});

anyBackend("live events of another process", (backend) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp(backend, { services: ["api,mcp", "worker"] });
  });
  afterAll(() => app.stop());

  it("send a resync after the LISTEN connection was lost", async () => {
    const { cookie } = await app.owner();
    const stream = await listen(app.url, { cookie });
    const resync = { type: "resync", data: {} };
    await eventually(() => expect(stream.received).toEqual([resync]));
    const { rowCount } = await asOwner(
      app.databaseUrl,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND query = 'LISTEN ${CHANNEL}'`,
    );
    expect(rowCount).toBe(1);
    await eventually(() => expect(stream.received).toEqual([resync, resync]));
    stream.close();
  });

  it("come from another process's worker, and end when the API process stops", async () => {
    const { cookie } = await app.owner();
    const stream = await listen(app.url, { cookie });
    await eventually(() => expect(stream.received).toHaveLength(1));
    const [job] = await askToDelete(app, 1);
    await eventually(() =>
      expect(stream.received).toContainEqual({
        type: "authorization",
        data: { id: job?.queue_id, status: "pending", job_id: job?.job_id },
      }),
    );
    const exit = await app.processes[0]?.end("SIGTERM");
    expect(await stream.ended).toBe("whole");
    expect(exit).toBe(0);
  });
});
