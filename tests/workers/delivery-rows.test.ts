import { rows } from "../../src/database/sql.ts";
import { Delivery } from "../../src/entities/delivery.ts";
import { makeNotifier } from "../../src/queue/notify.ts";
import { claim, type DeliveryRows, settle } from "../../src/workers/deliveries.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { aContact, theSettings } from "../support/factories.ts";
import { agent, makePipeline, owner } from "../support/pipeline.ts";
import { testRegistry } from "../support/probe-actions.ts";

const retryPolicy = {
  attempts: 9,
  firstBackoffMs: 60_000,
  maxBackoffMs: 200_000,
  attemptMs: 50_000,
  graceMs: 10_000,
};
const busy = { kind: "refused", words: "The server is busy.", permanent: false } as const;

describe("a delivery", () => {
  let test: TestDatabase;
  let parts: DeliveryRows;
  let mails = 0;
  beforeAll(async () => {
    test = await testDatabase();
    await theSettings(test.db);
    const notifier = makeNotifier(test.db, () => undefined);
    parts = { db: test.db, registry: testRegistry, notifier, retryPolicy };
  });
  afterAll(async () => {
    await parts.notifier.close();
    await test.drop();
  });

  const pipeline = () => makePipeline(test.db, testRegistry, { channels: new Set(["email"]) });
  async function aMail(data: object = {}) {
    const { id: customer_id } = await aContact(test.db, { emails: [`maria${++mails}@example.com`] });
    const job = await pipeline().ask(agent, "message.send", { customer_id, body: "We come at 9.", ...data });
    const { id } = await test.db.getRepository(Delivery).findOneByOrFail({ job_id: job.id, kind: "email" });
    return { id, customer_id };
  }
  const read = (id: string) => test.db.getRepository(Delivery).findOneByOrFail({ id });
  const claimed = async (id: string) => {
    const delivery = await claim(parts, id);
    if (!delivery) throw new Error("it was not claimed");
    return delivery;
  };
  const makeDue = (id: string) =>
    rows(test.db.manager, "UPDATE delivery SET next_attempt_at = clock_timestamp() WHERE id = $1", [id]);
  /** From now until its next attempt, or until its lease ends. */
  const waitMs = async (id: string): Promise<number> => {
    const sql =
      "SELECT extract(epoch FROM next_attempt_at - clock_timestamp())::float8 * 1000 AS ms FROM delivery WHERE id = $1";
    const [row] = await rows<{ ms: number }>(test.db.manager, sql, [id]);
    return row?.ms ?? 0;
  };

  it("is not claimed before its time", async () => {
    const { id } = await aMail({ scheduled_for: "2999-01-01T00:00" });
    expect(await claim(parts, id)).toBeUndefined();
    expect(await read(id)).toMatchObject({ status: "queued", attempts: 0 });
  });

  it("is claimed by the given clock, which may be behind or ahead of the database's", async () => {
    const at = (day: string) => ({ ...parts, clock: { now: () => new Date(day) } });
    const { id } = await aMail({ scheduled_for: "2999-01-01T00:00" });
    expect(await claim(at("2998-12-01"), id)).toBeUndefined();
    expect(await claim(at("2999-01-02"), id)).toMatchObject({ id, attempts: 1 });
    const { id: atOnce } = await aMail();
    expect(await claim(at("1999-01-01"), atOnce)).toMatchObject({ id: atOnce });
  });

  it("is leased for the time of one attempt plus the grace period", async () => {
    const { id } = await aMail();
    await claimed(id);
    const lease = await waitMs(id);
    expect(lease).toBeGreaterThan(50_000);
    expect(lease).toBeLessThanOrEqual(60_000);
    expect(await claim(parts, id)).toBeUndefined();
  });

  it("waits twice as long after each attempt, up to the maximum", async () => {
    const { id } = await aMail();
    for (const backoffMs of [60_000, 120_000, 200_000, 200_000]) {
      await settle(parts, await claimed(id), busy);
      const wait = await waitMs(id);
      expect(wait).toBeGreaterThan(backoffMs - 10_000);
      expect(wait).toBeLessThanOrEqual(backoffMs);
      expect(await claim(parts, id)).toBeUndefined();
      await makeDue(id);
    }
  });

  it("keeps the result of the newest attempt when an earlier one reports late", async () => {
    const { id } = await aMail();
    const late = await claimed(id);
    await settle(parts, late, busy);
    await makeDue(id);
    await claimed(id);
    await settle(parts, late, { kind: "sent", providerId: "late" });
    expect(await read(id)).toMatchObject({ status: "sending", attempts: 2, provider_id: null });
  });

  it("is cancelled, not failed, when its customer has opted out", async () => {
    const { id, customer_id } = await aMail();
    await pipeline().ask(agent, "contact.update", { id: customer_id, do_not_contact: true });
    expect(await claim(parts, id)).toBeUndefined();
    expect(await read(id)).toMatchObject({ status: "cancelled", error: null, finished_at: expect.any(Date) });
  });

  it("records its result when its message was deleted during sending", async () => {
    const { id, customer_id } = await aMail();
    const delivery = await claimed(id);
    const deletion = await pipeline().ask(owner, "contact.delete", { id: customer_id });
    expect(deletion.status).toBe("completed");
    await settle(parts, delivery, { kind: "sent", providerId: "x" });
    expect(await read(id)).toMatchObject({ status: "sent", provider_id: "x" });
  });
});
