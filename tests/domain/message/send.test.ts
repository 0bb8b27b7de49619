import { sendMessage } from "../../../src/domain/message/send.ts";
import { newId } from "../../../src/domain/core/ids.ts";
import { rows } from "../../../src/database/sql.ts";
import { Delivery } from "../../../src/entities/delivery.ts";
import { Message, MESSAGE_STATUSES } from "../../../src/entities/message.ts";
import { act, MONDAY_9, refusal } from "../../support/act.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { testRegistry } from "../../support/probe-actions.ts";
import { aContact, aMessage, aTicket, theSettings, withJob } from "../../support/factories.ts";
import { agent, makePipeline, owner, type Pipeline } from "../../support/pipeline.ts";

let test: TestDatabase;
let online: Pipeline;
let offline: Pipeline;
beforeAll(async () => {
  test = await testDatabase();
  await theSettings(test.db);
  online = makePipeline(test.db, testRegistry, { now: MONDAY_9, channels: new Set(["email", "sms"]) });
  offline = makePipeline(test.db, testRegistry, { now: MONDAY_9 });
});
afterAll(() => test.drop());

const maria = () =>
  aContact(test.db, {
    emails: ["maria@example.com"],
    phones: [
      { number: "+16085550100", label: "home" },
      { number: "+16085550142", label: "mobile" },
    ],
  });
const deliveries = (messageId: unknown) =>
  test.db
    .getRepository(Delivery)
    .createQueryBuilder()
    .where("payload->>'message_id' = :messageId", { messageId })
    .getMany();
const send = async (pipeline: Pipeline, data: object) => {
  const job = await pipeline.ask(agent, "message.send", data);
  return { job, message: job.result as Message };
};
const refusedFor = async (data: object) => (await send(online, data)).job.error;

describe("message.send", () => {
  it("writes the message and its delivery in one transaction, to the customer's own address", async () => {
    const { id: customer_id } = await maria();
    const { message } = await send(online, { customer_id, subject: "Monday", body: "We come at 9." });
    expect(message).toMatchObject({
      direction: "outbound",
      channel: "email",
      to: "maria@example.com",
      status: "queued",
      subject: "Monday",
    });
    expect(await deliveries(message.id)).toMatchObject([
      { kind: "email", status: "queued", attempts: 0, payload: { message_id: message.id } },
    ]);
  });

  it.each([
    [{ preferred_channel: "sms" as const }, {}, "sms", "+16085550142"],
    [{ preferred_channel: "phone" as const }, {}, "email", "maria@example.com"],
    [{ emails: [] }, {}, "sms", "+16085550142"],
    [{}, { channel: "sms" }, "sms", "+16085550142"],
  ])("uses the preferred channel and prefers a mobile number: %j %j", async (contact, asked, channel, to) => {
    const phones = [
      { number: "+16085550100", label: "home" },
      { number: "+16085550142", label: "Mobile" },
    ];
    const { id } = await aContact(test.db, { emails: ["maria@example.com"], phones, ...contact });
    const { message } = await send(online, { customer_id: id, body: "Hello", ...asked });
    expect(message).toMatchObject({ channel, to });
  });

  it("suppresses a message to a customer who has opted out, and stores the reason", async () => {
    const { id } = await aContact(test.db, { emails: ["m@example.com"], do_not_contact: true });
    const { message } = await send(online, { customer_id: id, body: "Buy now" });
    expect(message).toMatchObject({ status: "suppressed", error: "They asked not to be contacted." });
    expect(await deliveries(message.id)).toEqual([]);
  });

  it("suppresses it for a duplicate contact with the same address", async () => {
    await aContact(test.db, {
      emails: ["no@example.com"],
      phones: [{ number: "+16085550199", label: null }],
      do_not_contact: true,
    });
    const { id } = await aContact(test.db, {
      emails: ["no@example.com"],
      phones: [{ number: "+16085550199", label: "mobile" }],
    });
    for (const channel of ["email", "sms"]) {
      const { message } = await send(online, { customer_id: id, body: "Buy now", channel });
      expect(message).toMatchObject({ channel, status: "suppressed" });
    }
  });

  it("says in the job what became of the message", async () => {
    const { id } = await maria();
    const silent = await aContact(test.db, { emails: ["s@example.com"], do_not_contact: true });
    const outcome = async (pipeline: Pipeline, data: object) =>
      (await send(pipeline, { customer_id: id, body: "Hello", ...data })).job.outcome;
    expect(await outcome(online, {})).toMatch(/^Queued: it goes out in a moment\./);
    expect(await outcome(online, { scheduled_for: "2026-11-23T15:30" })).toMatch(
      /^Queued: it goes out at 2026-11-23T21:30:00.000Z\./,
    );
    expect(await outcome(offline, {})).toBe(
      "NOT SENT: e-mail is not set up here; the message stays in the outbox.",
    );
    expect(await outcome(online, { customer_id: silent.id })).toBe(
      "NOT SENT: They asked not to be contacted.",
    );
    const { message } = await send(online, { customer_id: id, body: "Hello", dedupe_key: "once" });
    await withJob(test.db, (db) => db.update(Message, { id: message.id }, { status: "sent" }));
    expect(await outcome(online, { dedupe_key: "once" })).toBe(
      "Nothing new was sent: the message with this dedupe_key is sent.",
    );
  });

  it("stores a message as not_sent when its channel is not configured", async () => {
    const { id } = await maria();
    const { message } = await send(offline, { customer_id: id, body: "Hello" });
    expect(message).toMatchObject({ status: "not_sent", error: expect.stringContaining("NOT SENT") });
    expect(await deliveries(message.id)).toEqual([]);
  });

  it("shows the message in the preview without sending it", async () => {
    const { id: customer_id } = await maria();
    const before = await test.db.getRepository(Delivery).count();
    const data = { customer_id, subject: "Monday", body: "We come." };
    const job = await online.ask(agent, "message.send", data, { dry_run: true });
    expect(job.result).toMatchObject({
      permission: "unrestricted",
      preview: {
        messages: [
          {
            channel: "email",
            to: "maria@example.com",
            subject: "Monday",
            body: "We come.",
            status: "queued",
          },
        ],
      },
    });
    expect(await test.db.getRepository(Delivery).count()).toBe(before);
  });

  it("sends one message per dedupe_key and rejects the key for another customer", async () => {
    const { id: customer_id } = await maria();
    const data = { customer_id, body: "Reminder", dedupe_key: `reminder ${customer_id}` };
    const first = await send(online, data);
    const second = await send(online, { ...data, body: "Reminder, again" });
    expect(second.message).toMatchObject({ id: first.message.id, body: "Reminder" });
    expect(await deliveries(first.message.id)).toHaveLength(1);
    expect(await refusedFor({ ...data, customer_id: (await maria()).id })).toMatchObject({
      code: "conflict",
    });
  });

  it("stores the hash of a dedupe_key, which may hold a name or a number", async () => {
    const { id: customer_id } = await maria();
    const { message } = await send(online, { customer_id, body: "Hi", dedupe_key: "Martha 555-0177" });
    const stored = await test.db.getRepository(Message).findOneByOrFail({ id: String(message.id) });
    expect(stored.dedupe_key).toMatch(/^[0-9a-f]{64}$/);
    const [change] = await rows<{ after: object }>(
      test.db.manager,
      "SELECT after FROM change WHERE record_id = $1",
      [stored.id],
    );
    expect(JSON.stringify(change)).not.toContain("Martha");
  });

  it("schedules the message at local time of the business", async () => {
    const { id: customer_id } = await maria();
    const { message } = await send(online, { customer_id, body: "Soon", scheduled_for: "2026-11-24T08:00" });
    const [delivery] = await deliveries(message.id);
    expect(delivery?.next_attempt_at).toEqual(new Date("2026-11-24T14:00:00Z"));
    expect(await refusedFor({ customer_id, body: "Late", scheduled_for: "2026-11-23T08:59" })).toMatchObject({
      fields: [{ path: "data.scheduled_for", message: "is in the past" }],
    });
  });

  it("accepts only an about_id of this customer", async () => {
    const ticket = await aTicket(test.db);
    const { id: other } = await maria();
    const wrong = { customer_id: other, body: "Hello", about_id: ticket.id };
    expect(await refusedFor(wrong)).toMatchObject({
      fields: [{ path: "data.about_id", message: "is a ticket of another customer" }],
    });
    for (const about_id of [newId("ticket"), ticket.id.replace("ticket", "lead")])
      expect(await refusedFor({ ...wrong, about_id })).toMatchObject({ code: "not_found" });
  });

  it.each([
    [{ emails: [], phones: [] }, { body: "Hello" }, "data.customer_id"],
    [{ emails: [] }, { body: "Hello", channel: "email" }, "data.customer_id"],
    [{}, { body: "x".repeat(1_601), channel: "sms" }, "data.body"],
  ])("names the field that prevents sending: %j %j", async (contact, asked, path) => {
    const phones = [{ number: "+16085550142", label: null }];
    const { id } = await aContact(test.db, { phones, ...contact });
    expect(await refusedFor({ customer_id: id, ...asked })).toMatchObject({ fields: [{ path }] });
  });
});

describe("message.cancel", () => {
  it("cancels a queued message and no other", async () => {
    const { id: customer_id } = await maria();
    for (const status of MESSAGE_STATUSES) {
      const { id } = await aMessage(test.db, { customer_id, status });
      const {
        status: job,
        error,
        result,
      } = await online.ask(owner, "message.cancel", { id, reason: "Off." });
      if (status === "queued") expect(result).toMatchObject({ status: "cancelled", error: "Off." });
      else expect([job, error?.["code"]]).toEqual(["failed", "invalid_state"]);
    }
  });
});

describe("message.mark", () => {
  it("is forbidden for agents and owners", async () => {
    for (const who of [agent, owner]) {
      const asked = online.submit(who, "message.mark", { id: newId("message"), status: "sent" });
      expect(await refusal(asked)).toMatchObject({ code: "forbidden" });
    }
  });
});

describe("a customer's messages", () => {
  it("are stored verbatim, queryable, counted before a delete, and deleted with the customer", async () => {
    const ticket = await aTicket(test.db);
    const { customer_id } = ticket;
    const said = { customer_id, channel: "sms", body: "An hour later, please.", about_id: ticket.id };
    const { result } = await offline.ask(agent, "message.log_inbound", said);
    expect(result).toMatchObject({ direction: "inbound", status: "received", about_id: ticket.id });

    const parked = await offline.ask(agent, "contact.delete", { id: customer_id });
    expect(parked).toMatchObject({
      status: "authorization_required",
      auth_reason: "Customer has 1 ticket and 1 message",
    });
    await offline.answer(parked);
    expect(await test.db.getRepository(Message).countBy({ customer_id })).toBe(0);
    const undone = await offline.ask(owner, "job.undo", { job_id: parked.id });
    expect(undone.status).toBe("completed");
    expect(await test.db.getRepository(Message).findOneBy({ customer_id })).toMatchObject({
      body: said.body,
    });
  });

  it("stay when sent and are deleted when queued, if their job is undone", async () => {
    const { id } = await maria();
    const workflow = await online.ask(agent, "probe.write", { id, count: 2 });
    const [sent, waiting] = workflow.result as Message[];
    await withJob(test.db, (db) => db.update(Message, { id: sent?.id ?? "" }, { status: "sent" }));
    expect(await online.ask(owner, "job.undo", { job_id: workflow.id })).toMatchObject({
      status: "completed",
      result: { sent: [sent?.id] },
      outcome: expect.stringContaining(`Already sent, and cannot be taken back: ${sent?.id}.`),
    });
    expect(await test.db.getRepository(Message).existsBy({ id: sent?.id ?? "" })).toBe(true);
    expect(await test.db.getRepository(Message).existsBy({ id: waiting?.id ?? "" })).toBe(false);
  });
});

it("can be called by another action", async () => {
  const { id: customer_id } = await maria();
  const message = await act(test.db, sendMessage, { customer_id, body: "Hello" });
  expect(message).toMatchObject({ status: "queued" });
});
