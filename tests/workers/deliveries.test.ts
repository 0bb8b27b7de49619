import { rows } from "../../src/entities/database.ts";
import { Delivery } from "../../src/entities/job.ts";
import { Message } from "../../src/entities/message.ts";
import { takeUp } from "../../src/workers/deliveries.ts";
import { enqueue } from "../../src/workers/queues.ts";
import { eachBackend } from "../support/backends.ts";
import { testRegistry } from "../support/errands.ts";
import { eventually } from "../support/eventually.ts";
import { aContact } from "../support/factories.ts";
import { agent, owner } from "../support/pipeline.ts";
import { anOutbox, type Outbox, PATIENCE } from "./outbox.ts";

eachBackend("what jobs leave for the outside world", (backend) => {
  let outbox: Outbox;
  let test: Outbox["test"];
  let smtp: Outbox["smtp"];
  let queues: Outbox["queues"];
  let bell: Outbox["bell"];
  let relay: Outbox["relay"];
  let pipeline: Outbox["pipeline"];
  let message: Outbox["message"];
  let write: Outbox["write"];
  let becomes: Outbox["becomes"];
  beforeAll(async () => {
    outbox = await anOutbox(backend);
    ({ test, smtp, queues, bell, relay, pipeline, message, write, becomes } = outbox);
  });
  afterAll(() => outbox.close());
  beforeEach(() => {
    smtp.mood = "accept";
    [smtp.came.length, smtp.knocks] = [0, 0];
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
});
