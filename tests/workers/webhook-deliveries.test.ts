import { Webhook } from "standardwebhooks";
import { In } from "typeorm";
import { makeWebhookDesk } from "../../src/crm/webhook-endpoint.ts";
import { rows } from "../../src/database/sql.ts";
import { Delivery } from "../../src/entities/delivery.ts";
import { anyBackend } from "../support/backends.ts";
import { eventually } from "../support/eventually.ts";
import { aTicket, withJob } from "../support/factories.ts";
import { startHttpServer, type TestHttpServer } from "../support/http-edge.ts";
import { agent, owner } from "../support/pipeline.ts";
import { anOutbox, type Outbox } from "./outbox.ts";

const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

anyBackend("the owner's webhook", (backend) => {
  let outbox: Outbox;
  let test: Outbox["test"];
  let relay: Outbox["relay"];
  let pipeline: Outbox["pipeline"];
  let write: Outbox["write"];
  let becomes: Outbox["becomes"];
  beforeAll(async () => {
    outbox = await anOutbox(backend);
    ({ test, relay, pipeline, write, becomes } = outbox);
  });
  afterAll(() => outbox.close());
  const answers: number[] = [];
  let edge: TestHttpServer;
  const desk = () => makeWebhookDesk(test.db, () => new Date());
  const set = (url: string, allow_private = true) =>
    desk().set(owner, { url, secret: SECRET, allow_private });
  beforeAll(async () => {
    edge = await startHttpServer((_request, response) => response.writeHead(answers.shift() ?? 204).end());
  });
  afterAll(() => edge.close());
  beforeEach(async () => {
    edge.requests.length = 0;
    await set(`${edge.url}/hook`);
  });

  // Drain the outbox, so that the next test receives only its own events.
  afterEach(() =>
    eventually(async () => {
      await relay.sweep();
      const open = { kind: "webhook", status: In(["queued", "sending"]) } as const;
      expect(await test.db.getRepository(Delivery).countBy(open)).toBe(0);
    }),
  );

  const received = (count: number) =>
    eventually(async () => {
      await relay.sweep();
      expect(edge.requests).toHaveLength(count);
      const open = await test.db.getRepository(Delivery).countBy({ kind: "webhook", status: "sending" });
      expect(open).toBe(0);
    });
  const notices = () =>
    edge.requests.map(({ headers, body }) => {
      const flat = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
      return {
        id: flat["webhook-id"],
        ...(new Webhook(SECRET).verify(body, flat) as { type: string; data: object }),
      };
    });

  it("receives one signed event for each finished job and each change of an authorization", async () => {
    const { customer_id } = await aTicket(test.db);
    const parked = await pipeline.ask(agent, "contact.delete", { id: customer_id });
    const done = await pipeline.answer(parked);
    await eventually(async () => {
      await relay.sweep();
      expect(notices().map(({ type }) => type)).toContain("job.finished");
      const mine = notices().filter(({ id }) =>
        [parked.queue_id, parked.id].includes(id?.split(".")[0] ?? ""),
      );
      expect(mine.map(({ type }) => type).sort()).toEqual([
        "authorization.created",
        "authorization.decided",
        "job.finished",
      ]);
      expect(mine.find(({ type }) => type === "job.finished")).toMatchObject({
        id: `${done.id}.finished`,
        data: {
          job_id: done.id,
          action: "contact.delete",
          status: "completed",
          result: { id: customer_id },
        },
      });
    });
    expect(edge.requests.map(({ body }) => body).join()).not.toContain(SECRET);
  });

  it("receives an event again with the same id until it answers with success", async () => {
    answers.push(500, 302);
    const job = await pipeline.ask(agent, "contact.create", { name: "Nora" });
    await received(3);
    expect(notices().map(({ id }) => id)).toEqual(Array(3).fill(`${job.id}.finished`));
  });

  it("receives nothing at a private address or name unless its settings allow private networks", async () => {
    const { port } = new URL(edge.url);
    for (const host of ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433"]) {
      await set(`http://${host}:${port}/hook`, false);
      const { id } = await pipeline.ask(agent, "contact.create", { name: "Nora" });
      await eventually(async () => {
        await relay.sweep();
        expect((await desk().read(owner)).deliveries[0]).toMatchObject({
          id: `${id}.finished`,
          status: "failed",
          error: expect.stringContaining("in a private network"),
        });
      });
    }
    expect(edge.requests).toEqual([]);
  });

  it("gets no delivery after it was removed, after a rollback, or for the outbox's own jobs", async () => {
    const { id } = await write();
    await becomes(id, { status: "sent" });
    await withJob(test.db, () => Promise.reject(new Error("rolled back"))).catch(() => undefined);
    await desk().remove(owner);
    const before = await test.db.getRepository(Delivery).countBy({ kind: "webhook" });
    const { id: unreported } = await pipeline.ask(agent, "contact.create", { name: "Nora" });
    expect(await test.db.getRepository(Delivery).countBy({ kind: "webhook" })).toBe(before);
    const ids = await rows<{ action: string }>(
      test.db.manager,
      "SELECT j.action FROM delivery d JOIN job j ON j.id = d.job_id WHERE d.kind = 'webhook'",
    );
    expect(ids.map(({ action }) => action)).not.toContain("message.mark");
    expect(await test.db.getRepository(Delivery).existsBy({ job_id: unreported })).toBe(false);
  });
});
