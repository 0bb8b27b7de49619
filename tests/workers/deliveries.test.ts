import { rows } from "../../src/database/sql.ts";
import { Delivery } from "../../src/entities/delivery.ts";
import { Message } from "../../src/entities/message.ts";
import { claim } from "../../src/workers/deliveries.ts";
import { enqueue } from "../../src/queue/index.ts";
import { anyBackend } from "../support/backends.ts";
import { testRegistry } from "../support/probe-actions.ts";
import { eventually } from "../support/eventually.ts";
import { aContact } from "../support/factories.ts";
import { agent, owner } from "../support/pipeline.ts";
import { anOutbox, type Outbox, RETRY_POLICY } from "./outbox.ts";

anyBackend("the delivery of a message", (backend) => {
  let outbox: Outbox;
  let test: Outbox["test"];
  let smtp: Outbox["smtp"];
  let queues: Outbox["queues"];
  let notifier: Outbox["notifier"];
  let relay: Outbox["relay"];
  let pipeline: Outbox["pipeline"];
  let message: Outbox["message"];
  let write: Outbox["write"];
  let becomes: Outbox["becomes"];
  beforeAll(async () => {
    outbox = await anOutbox(backend);
    ({ test, smtp, queues, notifier, relay, pipeline, message, write, becomes } = outbox);
  });
  afterAll(() => outbox.close());
  beforeEach(() => {
    smtp.behavior = "accept";
    [smtp.received.length, smtp.connections] = [0, 0];
  });
  const arrived = (messageId: string) => smtp.acceptedCounts().get(messageId) ?? 0;

  it("sends one mail, as text and as HTML with escaped markup", async () => {
    const body = 'Hello <b>Maria</b> & "you":\nhttps://clear.example/?a=1&b=2.\n\nBye';
    const { id, messageId } = await write({ subject: "Grüße <b>", body });
    await becomes(id, { status: "sent", provider_id: messageId, error: null, sent_at: expect.any(Date) });
    expect(arrived(messageId)).toBe(1);
    const [mail] = smtp.received;
    expect(mail).toMatchObject({ messageId, subject: "Grüße <b>", text: expect.stringContaining(body) });
    expect(mail?.from?.text).toBe('"Clear View" <office@clear.example>');
    expect(mail?.headers.get("auto-submitted")).toBe("auto-generated");
    expect(mail?.html).toContain(
      '<p>Hello &lt;b&gt;Maria&lt;/b&gt; &amp; &quot;you&quot;:<br>\n<a href="https://clear.example/?a=1&amp;b=2">',
    );
  });

  it("sends the attachments of its payload", async () => {
    const { id } = await write({ scheduled_for: "2999-01-01T00:00" });
    const pdf = { filename: "invoice.pdf", content_type: "application/pdf", content: btoa("a page") };
    await rows(
      test.db.manager,
      "UPDATE delivery SET next_attempt_at = now(), payload = payload || $2 WHERE payload->>'message_id' = $1",
      [id, JSON.stringify({ attachments: [pdf] })],
    );
    await becomes(id, { status: "sent" });
    const [attached] = smtp.received[0]?.attachments ?? [];
    expect(attached).toMatchObject({ filename: "invoice.pdf", contentType: "application/pdf" });
    expect(attached?.content.toString()).toBe("a page");
  });

  it("is retried with the same Message-ID after a temporary refusal", async () => {
    smtp.behavior = { rcpt: 451 };
    const { id, messageId } = await write();
    await becomes(id, { status: "queued", error: "The mail server refused it for now (451)." });
    smtp.behavior = { data: 452 };
    await eventually(async () => {
      await relay.sweep();
      expect(smtp.received).not.toEqual([]);
    });
    smtp.behavior = "accept";
    await becomes(id, { status: "sent" });
    expect(new Set(smtp.received.map((mail) => mail.messageId))).toEqual(new Set([messageId]));
    expect(arrived(messageId)).toBe(1);
  });

  it("fails at once after a permanent refusal, and after the last attempt when refusals are temporary", async () => {
    smtp.behavior = { rcpt: 550 };
    const never = await write();
    await becomes(never.id, { status: "failed", error: "The mail server refused it (550)." });
    expect(smtp.connections).toBe(1);
    smtp.behavior = { data: 451 };
    const busy = await write();
    await becomes(busy.id, { status: "failed", error: expect.stringContaining("Gave up after 4 attempts.") });
    expect(smtp.connections).toBe(5);
    expect([arrived(never.messageId), arrived(busy.messageId)]).toEqual([0, 0]);
  });

  it("fails without a retry when the mail may have arrived", async () => {
    smtp.behavior = "cut";
    const { id, messageId } = await write();
    await becomes(id, { status: "failed", error: expect.stringMatching(/may have arrived. Check before/) });
    smtp.behavior = "accept";
    const { id: next } = await write();
    await becomes(next, { status: "sent" });
    expect(arrived(messageId)).toBe(1);
  });

  it("is retried until a stopped mail server is back", async () => {
    await smtp.stop();
    const { id, messageId } = await write();
    await becomes(id, { status: "queued", error: expect.stringContaining("No connection") });
    await smtp.restart();
    await becomes(id, { status: "sent" });
    expect(arrived(messageId)).toBe(1);
  });

  it("fails with a reason when the lease of a dead worker has expired", async () => {
    const { id, messageId } = await write({ scheduled_for: "2999-01-01T00:00" });
    const [delivery] = await test.db.getRepository(Delivery).find({ order: { created_at: "DESC" }, take: 1 });
    await test.db
      .getRepository(Delivery)
      .update({ id: delivery?.id ?? "" }, { next_attempt_at: new Date(0) });
    const dead = { ...RETRY_POLICY, attemptMs: 1 };
    const parts = { db: test.db, registry: testRegistry, notifier, retryPolicy: dead };
    expect(await claim(parts, delivery?.id ?? "")).toBeDefined();
    expect(await message(id)).toMatchObject({ status: "sending" });
    await becomes(id, { status: "failed", error: expect.stringContaining("stopped while sending it") });
    expect(arrived(messageId)).toBe(0);
  });

  it("sends one mail when the queue runs the delivery several times", async () => {
    smtp.behavior = "silent";
    const { id, messageId } = await write();
    await becomes(id, { status: "sending" });
    const deliveryId = messageId.slice(1, messageId.indexOf("@"));
    const queue = queues.queue("deliveries");
    const again = [1, 2, 3].map((nth) => `${deliveryId}-again-${nth}`); // As many as can run at the same time.
    await Promise.all(again.map((each) => enqueue(queue, { id: each, data: { deliveryId } })));
    await eventually(async () => {
      const states = await Promise.all(again.map((each) => queue.getJobState(each)));
      expect(states).toEqual(again.map(() => "completed"));
    });
    await becomes(id, { status: "failed" });
    expect(arrived(messageId)).toBe(1);
  });

  it("is enqueued again when the queue has lost it", async () => {
    const { id, messageId } = await write({ scheduled_for: "2999-01-01T00:00" });
    // The state after a flush: dispatched a while ago under an id that the queue does not have.
    await rows(
      test.db.manager,
      `UPDATE delivery SET next_attempt_at = now(), dispatches = 3, dispatched_at = now() - interval '1 minute'
       WHERE payload->>'message_id' = $1`,
      [id],
    );
    await becomes(id, { status: "sent" });
    expect(arrived(messageId)).toBe(1);
  });

  it("is not sent after its message was cancelled, its customer was deleted or has opted out", async () => {
    const asked = await Promise.all([1, 2, 3].map(() => write({ scheduled_for: "2999-01-01T00:00" })));
    const [cancelled, deleted, optedOut] = await Promise.all(asked.map(({ id }) => message(id)));
    await pipeline.ask(agent, "message.cancel", { id: cancelled?.id });
    await pipeline.ask(owner, "contact.delete", { id: deleted?.customer_id });
    await pipeline.ask(agent, "contact.update", { id: optedOut?.customer_id, do_not_contact: true });
    await rows(test.db.manager, "UPDATE delivery SET next_attempt_at = now() WHERE status = 'queued'");
    await becomes(optedOut?.id ?? "", { status: "suppressed", error: "They asked not to be contacted." });
    await eventually(async () => {
      await relay.sweep();
      expect(await test.db.getRepository(Delivery).countBy({ status: "queued" })).toBe(0);
    });
    expect(smtp.connections).toBe(0);
    expect(await message(cancelled?.id ?? "")).toMatchObject({ status: "cancelled" });
  });

  it("fails with a reason when its channel is no longer configured", async () => {
    const { id } = await aContact(test.db, { phones: [{ number: "+16085550142", label: null }] });
    const job = await pipeline.ask(agent, "message.send", { customer_id: id, body: "Hello" });
    await becomes((job.result as Message).id, {
      status: "failed",
      error: expect.stringContaining("not set up"),
    });
  });
});
