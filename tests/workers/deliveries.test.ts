import { Webhook } from "standardwebhooks";
import { In } from "typeorm";
import { makeWebhookDesk } from "../../src/domain/webhook/endpoint.ts";
import { rows } from "../../src/entities/database.ts";
import { Delivery } from "../../src/entities/job.ts";
import { Message } from "../../src/entities/message.ts";
import { type Bell, makeBell } from "../../src/workers/bell.ts";
import { makeEmail } from "../../src/workers/channels/email.ts";
import { type Patience, takeUp } from "../../src/workers/deliveries.ts";
import { type DeliveryRelay, makeDeliveryRelay } from "../../src/workers/delivery-relay.ts";
import { makeDeliveryWorker } from "../../src/workers/delivery-worker.ts";
import { type Backend, enqueue } from "../../src/workers/queues.ts";
import { eachBackend } from "../support/backends.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { testRegistry } from "../support/errands.ts";
import { eventually } from "../support/eventually.ts";
import { aContact, aTicket, theSettings, withJob } from "../support/factories.ts";
import { anHttpEdge, type HttpEdge } from "../support/http-edge.ts";
import { agent, makePipeline, owner, type Pipeline } from "../support/pipeline.ts";
import { aMailEdge, type MailEdge } from "../support/smtp.ts";

const PATIENCE: Patience = { attempts: 4, firstMs: 50, longestMs: 200, tryMs: 3_000, graceMs: 0 };
const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

eachBackend("what jobs leave for the outside world", (backend) => {
  let test: TestDatabase;
  let queues: Backend;
  let bell: Bell;
  let relay: DeliveryRelay;
  let pipeline: Pipeline;
  let smtp: MailEdge;
  const troubles: unknown[] = [];
  const trouble = (error: unknown) => void troubles.push(error);

  beforeAll(async () => {
    [test, smtp] = await Promise.all([testDatabase(), aMailEdge()]);
    await theSettings(test.db);
    queues = await backend.connect(test.url);
    bell = makeBell(test.db, trouble);
    const parts = { db: test.db, registry: testRegistry, queues, bell, patience: PATIENCE };
    relay = makeDeliveryRelay(parts, trouble);
    const email = makeEmail({ url: smtp.url, from: "Clear View <office@clear.example>" });
    makeDeliveryWorker({
      ...parts,
      channels: { email },
      publicUrl: () => "https://crm.example",
      concurrency: 4,
    });
    pipeline = makePipeline(test.db, testRegistry, { channels: new Set(["email", "sms"]) });
  });
  afterAll(async () => {
    await relay.close();
    await queues.close();
    await bell.close();
    await smtp.down();
    await test.drop();
  });
  beforeEach(() => {
    smtp.mood = "accept";
    [smtp.came.length, smtp.knocks, troubles.length] = [0, 0, 0];
  });

  const write = async (data: object = {}): Promise<{ id: string; messageId: string }> => {
    const { id: customer_id } = await aContact(test.db, { emails: ["maria@example.com"] });
    const job = await pipeline.ask(agent, "message.send", { customer_id, body: "We come at 9.", ...data });
    const { id } = job.result as Message;
    const [delivery] = await rows<{ id: string }>(
      test.db.manager,
      "SELECT id FROM delivery WHERE payload->>'message_id' = $1",
      [id],
    );
    return { id, messageId: `<${delivery?.id}@clear.example>` };
  };
  const message = (id: string) => test.db.getRepository(Message).findOneByOrFail({ id });
  /** Sweeps until the message has come to a state. */
  const becomes = (id: string, expected: Partial<Record<keyof Message, unknown>>) =>
    eventually(async () => {
      await relay.sweep();
      expect(await message(id)).toMatchObject(expected);
    });
  const arrived = (messageId: string) => smtp.kept().get(messageId) ?? 0;

  it("is a mail that arrives once, as text and as HTML in which nothing of it is markup", async () => {
    const body = 'Hello <b>Maria</b> & "you":\nhttps://clear.example/?a=1&b=2.\n\nBye';
    const { id, messageId } = await write({ subject: "Grüße <b>", body });
    await becomes(id, { status: "sent", provider_id: messageId, error: null, sent_at: expect.any(Date) });
    expect(arrived(messageId)).toBe(1);
    const [mail] = smtp.came;
    expect(mail).toMatchObject({ messageId, subject: "Grüße <b>", text: expect.stringContaining(body) });
    expect(mail?.from?.text).toBe('"Clear View" <office@clear.example>');
    expect(mail?.headers.get("auto-submitted")).toBe("auto-generated");
    expect(mail?.html).toContain(
      '<p>Hello &lt;b&gt;Maria&lt;/b&gt; &amp; &quot;you&quot;:<br>\n<a href="https://clear.example/?a=1&amp;b=2">',
    );
  });

  it("carries what is attached to its delivery", async () => {
    const { id } = await write({ scheduled_for: "2999-01-01T00:00" });
    const pdf = { filename: "invoice.pdf", content_type: "application/pdf", content: btoa("a page") };
    await rows(
      test.db.manager,
      "UPDATE delivery SET next_attempt_at = now(), payload = payload || $2 WHERE payload->>'message_id' = $1",
      [id, JSON.stringify({ attachments: [pdf] })],
    );
    await becomes(id, { status: "sent" });
    const [attached] = smtp.came[0]?.attachments ?? [];
    expect(attached).toMatchObject({ filename: "invoice.pdf", contentType: "application/pdf" });
    expect(attached?.content.toString()).toBe("a page");
  });

  it("is tried again after a refusal for now, under the same Message-ID", async () => {
    smtp.mood = { rcpt: 451 };
    const { id, messageId } = await write();
    await becomes(id, { status: "queued", error: "The mail server refused it for now (451)." });
    smtp.mood = { data: 452 };
    await eventually(async () => {
      await relay.sweep();
      expect(smtp.came).toHaveLength(1);
    });
    smtp.mood = "accept";
    await becomes(id, { status: "sent" });
    expect(smtp.came.map((mail) => mail.messageId)).toEqual([messageId, messageId]);
    expect(arrived(messageId)).toBe(1);
  });

  it("fails at once where the server will never take it, and after the last try where it does not come round", async () => {
    smtp.mood = { rcpt: 550 };
    const never = await write();
    await becomes(never.id, { status: "failed", error: "The mail server refused it (550)." });
    expect(smtp.knocks).toBe(1);
    smtp.mood = { data: 451 };
    const busy = await write();
    await becomes(busy.id, { status: "failed", error: expect.stringContaining("Given up after 4 tries.") });
    expect(smtp.knocks).toBe(5);
    expect([arrived(never.messageId), arrived(busy.messageId)]).toEqual([0, 0]);
  });

  it("that may have arrived is never sent again, and says so", async () => {
    smtp.mood = "cut";
    const { id, messageId } = await write();
    await becomes(id, { status: "failed", error: expect.stringMatching(/may have arrived. Look before/) });
    smtp.mood = "accept";
    const { id: next } = await write();
    await becomes(next, { status: "sent" });
    expect(arrived(messageId)).toBe(1);
  });

  it("outlasts a mail server that is down", async () => {
    await smtp.down();
    const { id, messageId } = await write();
    await becomes(id, { status: "queued", error: expect.stringContaining("no connection") });
    await smtp.up();
    await becomes(id, { status: "sent" });
    expect(arrived(messageId)).toBe(1);
  });

  it("that somebody had in hand who died is given up, visibly", async () => {
    const { id, messageId } = await write({ scheduled_for: "2999-01-01T00:00" });
    const [delivery] = await test.db.getRepository(Delivery).find({ order: { created_at: "DESC" }, take: 1 });
    await test.db
      .getRepository(Delivery)
      .update({ id: delivery?.id ?? "" }, { next_attempt_at: new Date(0) });
    const dead = { ...PATIENCE, tryMs: 1 };
    const parts = { db: test.db, registry: testRegistry, bell, patience: dead };
    expect(await takeUp(parts, delivery?.id ?? "")).toBeDefined();
    expect(await message(id)).toMatchObject({ status: "sending" });
    await becomes(id, { status: "failed", error: expect.stringContaining("stopped halfway") });
    expect(arrived(messageId)).toBe(0);
  });

  it("is taken by one, however often the queue says so", async () => {
    smtp.mood = "silent";
    const { id, messageId } = await write();
    await becomes(id, { status: "sending" });
    const deliveryId = messageId.slice(1, messageId.indexOf("@"));
    await Promise.all(
      [1, 2, 3, 4].map((n) =>
        enqueue(queues.queue("deliveries"), `${deliveryId}-again-${n}`, { deliveryId }),
      ),
    );
    await becomes(id, { status: "failed" });
    expect(arrived(messageId)).toBe(1);
  });

  it("is handed over again where the queue has lost it", async () => {
    const { id, messageId } = await write({ scheduled_for: "2999-01-01T00:00" });
    // As a flushed queue leaves it: handed over, a while ago, under an id that nobody knows.
    await rows(
      test.db.manager,
      `UPDATE delivery SET next_attempt_at = now(), dispatches = 3, dispatched_at = now() - interval '1 minute'
       WHERE payload->>'message_id' = $1`,
      [id],
    );
    await becomes(id, { status: "sent" });
    expect(arrived(messageId)).toBe(1);
  });

  it("does not go out once it was called off, its customer deleted, or its customer's wish known", async () => {
    const asked = await Promise.all([1, 2, 3].map(() => write({ scheduled_for: "2999-01-01T00:00" })));
    const [off, gone, unwished] = await Promise.all(asked.map(({ id }) => message(id)));
    await pipeline.ask(agent, "message.cancel", { id: off?.id });
    await pipeline.ask(owner, "contact.delete", { id: gone?.customer_id });
    await pipeline.ask(agent, "contact.update", { id: unwished?.customer_id, do_not_contact: true });
    await rows(test.db.manager, "UPDATE delivery SET next_attempt_at = now() WHERE status = 'queued'");
    await becomes(unwished?.id ?? "", { status: "suppressed", error: "They asked not to be contacted." });
    await eventually(async () => {
      await relay.sweep();
      expect(await test.db.getRepository(Delivery).countBy({ status: "queued" })).toBe(0);
    });
    expect(smtp.knocks).toBe(0);
    expect(await message(off?.id ?? "")).toMatchObject({ status: "cancelled" });
  });

  it("fails in words where its way out was taken away", async () => {
    const { id } = await aContact(test.db, { phones: [{ number: "+16085550142", label: null }] });
    const job = await pipeline.ask(agent, "message.send", { customer_id: id, body: "Hello" });
    await becomes((job.result as Message).id, {
      status: "failed",
      error: expect.stringContaining("not set up"),
    });
  });

  describe("is told to the owner's webhook", () => {
    const answers: number[] = [];
    let edge: HttpEdge;
    const desk = () => makeWebhookDesk(test.db, () => new Date());
    const set = (url: string, allow_private = true) =>
      desk().set(owner, { url, secret: SECRET, allow_private });
    beforeAll(async () => {
      edge = await anHttpEdge((_heard, response) => response.writeHead(answers.shift() ?? 204).end());
    });
    afterAll(() => edge.close());
    beforeEach(async () => {
      edge.heard.length = 0;
      await set(`${edge.url}/hook`);
    });

    // What a test leaves to tell would be heard in the next one.
    afterEach(() =>
      eventually(async () => {
        await relay.sweep();
        const open = { kind: "webhook", status: In(["queued", "sending"]) } as const;
        expect(await test.db.getRepository(Delivery).countBy(open)).toBe(0);
      }),
    );

    const told = (count: number) =>
      eventually(async () => {
        await relay.sweep();
        expect(edge.heard).toHaveLength(count);
        const open = await test.db.getRepository(Delivery).countBy({ kind: "webhook", status: "sending" });
        expect(open).toBe(0);
      });
    const notices = () =>
      edge.heard.map(({ headers, body }) => {
        const flat = Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [name, String(value)]),
        );
        return {
          id: flat["webhook-id"],
          ...(new Webhook(SECRET).verify(body, flat) as { type: string; data: object }),
        };
      });

    it("signed, once for each finished job and each turn of an authorization", async () => {
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
      expect(edge.heard.map(({ body }) => body).join()).not.toContain(SECRET);
    });

    it("again until it is taken, with the same id", async () => {
      answers.push(500, 302);
      const job = await pipeline.ask(agent, "contact.create", { name: "Nora" });
      await told(3);
      expect(notices().map(({ id }) => id)).toEqual(Array(3).fill(`${job.id}.finished`));
    });

    it("never in a private network that its settings do not allow, by number or by name", async () => {
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
      expect(edge.heard).toEqual([]);
    });

    it("of nothing where nobody wants to be told, nor of what was rolled back or is the outbox's own", async () => {
      const { id } = await write();
      await becomes(id, { status: "sent" });
      await withJob(test.db, () => Promise.reject(new Error("rolled back"))).catch(() => undefined);
      await desk().remove(owner);
      const before = await test.db.getRepository(Delivery).countBy({ kind: "webhook" });
      const { id: silent } = await pipeline.ask(agent, "contact.create", { name: "Nora" });
      expect(await test.db.getRepository(Delivery).countBy({ kind: "webhook" })).toBe(before);
      const ids = await rows<{ action: string }>(
        test.db.manager,
        "SELECT j.action FROM delivery d JOIN job j ON j.id = d.job_id WHERE d.kind = 'webhook'",
      );
      expect(ids.map(({ action }) => action)).not.toContain("message.mark");
      expect(await test.db.getRepository(Delivery).existsBy({ job_id: silent })).toBe(false);
    });
  });
});
