import { get } from "node:http";
import { CHANNEL } from "../../src/workers/bell.ts";
import { eachBackend } from "../support/backends.ts";
import { eventually } from "../support/eventually.ts";
import { asOwner } from "../support/flush.ts";
import { aHouse, type House } from "../support/house.ts";
import { askToDelete } from "../support/parked.ts";
import { type Browser, type FrontDoor, openFrontDoor } from "./front-door.ts";

interface Told {
  type: string;
  data: Record<string, unknown>;
}

interface Stream {
  status: number;
  headers: Record<string, unknown>;
  told: Told[];
  text(): string;
  /** How it ended, where it has: by the server's word, or cut. */
  ended: Promise<"whole" | "cut">;
  leave(): void;
}

function listen(url: string, headers: Record<string, string>): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const asked = get(new URL("/api/events", url), { headers, agent: false }, (answer) => {
      let text = "";
      const told: Told[] = [];
      answer.on("data", (chunk: Buffer) => {
        text += chunk.toString();
        told.splice(0, Infinity, ...toldIn(text));
      });
      answer.on("error", () => undefined);
      const ended = new Promise<"whole" | "cut">((over) =>
        answer.once("close", () => over(answer.complete ? "whole" : "cut")),
      );
      resolve({
        status: answer.statusCode ?? 0,
        headers: answer.headers,
        told,
        text: () => text,
        ended,
        leave: () => asked.destroy(),
      });
    });
    asked.on("error", reject);
  });
}

const toldIn = (text: string): Told[] =>
  [...text.matchAll(/^id: \d+\nevent: (\w+)\ndata: (.*)\n\n/gm)].map(([, type = "", data = ""]) => ({
    type,
    data: JSON.parse(data) as Told["data"],
  }));

describe("live events", () => {
  let door: FrontDoor;
  let owner: Browser;
  const streams: Stream[] = [];
  beforeAll(async () => {
    door = await openFrontDoor({ heartbeatMs: 300 });
    owner = await door.signIn();
  });
  afterEach(() => streams.splice(0).forEach((stream) => stream.leave()));
  afterAll(() => door.close());

  async function listening({ cookie }: Browser): Promise<Stream> {
    const stream = await listen(door.url, { cookie });
    streams.push(stream);
    if (stream.status === 200) await eventually(() => expect(stream.told).not.toEqual([]));
    return stream;
  }

  async function act(action: string, data: unknown): Promise<Record<string, unknown>> {
    const [domain, name] = action.split(".");
    const { json } = await door.asAgent("/api/actions", {
      method: "POST",
      headers: { prefer: "wait=20" },
      body: { domain, action: name, data, reasoning: "They asked for it." },
    });
    return json.data ?? {};
  }
  const created = async (action: string, data: unknown) =>
    String(((await act(action, data)).result as { id: string }).id);

  it("begin by sending the reader to read, and are neither stored nor held back on the way", async () => {
    const stream = await listening(owner);
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
    expect(stream.told[0]).toEqual({ type: "resync", data: {} });
    await eventually(() => expect(stream.text()).toContain("\n: still here\n\n"));
  });

  it("tell of a request that waits, of the decision, of its end and of the records", async () => {
    const customer = await created("contact.create", { name: "Johnson Family" });
    const ticket = await created("ticket.create", { customer_id: customer });
    const stream = await listening(owner);
    const { told } = stream;

    const { job_id, queue_id } = await act("contact.delete", { id: customer });
    const question = (status: string) => ({
      type: "authorization",
      data: { id: queue_id, status, job_id },
    });
    const job = (status: string) => ({
      type: "job",
      data: { id: job_id, status, action: "contact.delete" },
    });
    await eventually(() => expect(told).toContainEqual(job("authorization_required")));
    expect(told).toContainEqual(question("pending"));

    await door.asPerson(owner, `/api/authorizations/${queue_id}`, {
      method: "POST",
      body: { decision: "authorized" },
    });
    await eventually(() => expect(told).toContainEqual(job("completed")));
    expect(told).toContainEqual(question("authorized"));
    for (const [record, id] of [
      ["contact", customer],
      ["ticket", ticket],
    ])
      expect(told).toContainEqual({ type: "record", data: { id, record, job_id } });
  });

  it("tell of what is denied and what is taken back", async () => {
    const customer = await created("contact.create", { name: "Smith Family" });
    await created("ticket.create", { customer_id: customer });
    const { told } = await listening(owner);
    const denied = await act("contact.delete", { id: customer });
    await door.asPerson(owner, `/api/authorizations/${denied.queue_id}`, {
      method: "POST",
      body: { decision: "denied" },
    });
    const withdrawn = await act("contact.delete", { id: customer });
    await door.asAgent(`/api/jobs/${withdrawn.job_id}/withdraw`, { method: "POST" });
    for (const [{ job_id, queue_id }, status] of [
      [denied, "denied"],
      [withdrawn, "withdrawn"],
    ] as const)
      await eventually(() =>
        expect(told).toContainEqual({ type: "authorization", data: { id: queue_id, status, job_id } }),
      );
  });

  it("end when the person signs out", async () => {
    const otto = await door.aUser("office");
    const stream = await listening(otto);
    await door.asPerson(otto, "/logout", { method: "POST" });
    expect(await stream.ended).toBe("whole");
    expect((await listening(otto)).status).toBe(401);
  });

  it("are twenty per person at most", async () => {
    const olive = await door.aUser("owner");
    const opened = await Promise.all(Array.from({ length: 20 }, () => listening(olive)));
    expect(new Set(opened.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await listening(olive)).status).toBe(429);
    opened[0]?.leave();
    await eventually(async () => expect((await listening(olive)).status).toBe(200));
  });

  it("are for the owner and the office alone; another's try is kept", async () => {
    const path = "/api/events";
    expect((await door.asAgent(path)).json.error).toMatchObject({ code: "forbidden" });
    expect((await door.ask(path)).status).toBe(401);
    expect((await door.asPerson(await door.aUser("technician"), path)).status).toBe(403);
    const foreign = { headers: { origin: "https://evil.example" } };
    expect((await door.asPerson(owner, path, foreign)).status).toBe(403);
    const kept = (await door.events()).filter(({ route }) => route === "GET /api/events").slice(-4);
    expect(kept.map(({ principal }) => principal.split(":")[0])).toEqual([
      "agent",
      "anonymous",
      "user",
      "user",
    ]);
  });

  it("can be asked for without opening one", async () => {
    expect(await door.asPerson(owner, "/api/events", { method: "HEAD" })).toMatchObject({
      status: 200,
      text: "",
    });
  });
});

eachBackend("live events of another process", (backend) => {
  let house: House;
  beforeAll(async () => {
    house = await aHouse(backend, { services: ["api,mcp", "worker"] });
  });
  afterAll(() => house.stop());

  it("send the reader to read again where the calls were cut off", async () => {
    const { cookie } = await house.owner();
    const stream = await listen(house.url, { cookie });
    const again = { type: "resync", data: {} };
    await eventually(() => expect(stream.told).toEqual([again]));
    const { rowCount } = await asOwner(
      house.databaseUrl,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND query = 'LISTEN ${CHANNEL}'`,
    );
    expect(rowCount).toBe(1);
    await eventually(() => expect(stream.told).toEqual([again, again]));
    stream.leave();
  });

  it("come from every worker, and end by themselves when the process stops", async () => {
    const { cookie } = await house.owner();
    const stream = await listen(house.url, { cookie });
    await eventually(() => expect(stream.told).toHaveLength(1));
    const [job] = await askToDelete(house, 1);
    await eventually(() =>
      expect(stream.told).toContainEqual({
        type: "authorization",
        data: { id: job?.queue_id, status: "pending", job_id: job?.job_id },
      }),
    );
    const exit = await house.processes[0]?.end("SIGTERM");
    expect(await stream.ended).toBe("whole");
    expect(exit).toBe(0);
  });
});
