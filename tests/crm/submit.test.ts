import { CrmError, type ErrorBody } from "../../src/domain/core/errors.ts";
import { In } from "typeorm";
import { makeJobWriter, MOST_COSTLY } from "../../src/crm/submit.ts";
import { connect } from "../../src/database/data-source.ts";
import { newId } from "../../src/domain/core/ids.ts";
import type { Principal } from "../../src/domain/core/principal.ts";
import { Job } from "../../src/entities/job.ts";
import type { TestDatabase } from "../support/database.ts";
import { aContact } from "../support/factories.ts";
import { asOwner } from "../support/flush-queue.ts";
import { agent, office, otherAgent, type Pipeline, testPipeline } from "../support/pipeline.ts";
import { testRegistry } from "../support/probe-actions.ts";

describe("submit", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  let id: string;
  beforeAll(async () => void ({ test, pipeline } = await testPipeline()));
  afterAll(() => test.drop());
  beforeEach(async () => {
    ({ id } = await aContact(test.db));
  });

  const submit = (data: unknown, rest = {}, actor = agent) =>
    pipeline.submit(actor, "probe.swear", data, rest);

  it("writes a queued job row with the input, the requester and the reasoning", async () => {
    const job = await submit({ notes: "n", id }, { reasoning: "They asked.", idempotency_key: "first" });
    expect(await pipeline.job(job)).toMatchObject({
      action: "probe.swear",
      input: { id, notes: "n" },
      reasoning: "They asked.",
      dry_run: false,
      principal: `agent:${agent.id}`,
      principal_kind: "agent",
      principal_name: agent.name,
      idempotency_key: "first",
      status: "queued",
      dispatches: 1,
    });
  });

  it("writes a row for each request of a batch except the one with a value that PostgreSQL rejects", async () => {
    const write = makeJobWriter(test.db, testRegistry);
    const request = (actor: Principal) =>
      write(actor, {
        domain: "probe",
        action: "note",
        data: { id, notes: "n" },
        idempotency_key: newId("job"),
      });
    const unstorable = { ...agent, name: "\0" }; // PostgreSQL stores no NUL in text.
    // The first is written alone; the others gather meanwhile and are written together.
    const written = await Promise.allSettled([agent, agent, unstorable, agent].map(request));
    expect(written.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
    const ids = written.flatMap((one) => (one.status === "fulfilled" ? [one.value.id] : []));
    expect(await test.db.getRepository(Job).countBy({ id: In(ids) })).toBe(3);
  });

  describe("with an idempotency key", () => {
    const key = () => ({ idempotency_key: `key of ${id}` });

    it("returns the same job for the same request with other reasoning or another order of fields", async () => {
      const job = await submit({ id, notes: "n" }, key());
      expect(await submit({ notes: "n", id }, { ...key(), reasoning: "Now with words." })).toBe(job);
      await pipeline.run(job);
      expect(await submit({ id, notes: "n" }, key())).toBe(job);
    });

    it("writes one row for 20 concurrent requests", async () => {
      const ids = await Promise.all(Array.from({ length: 20 }, () => submit({ id }, key())));
      expect(new Set(ids).size).toBe(1);
      expect(await test.db.manager.countBy(Job, { idempotency_key: key().idempotency_key })).toBe(1);
    });

    it.each([
      ["other data", { notes: "other" }, {}],
      ["a dry run", {}, { dry_run: true }],
    ])("returns idempotency_conflict for %s under the same key", async (_what, data, rest) => {
      const job = await submit({ id }, key());
      await expect(submit({ id, ...data }, { ...key(), ...rest })).rejects.toMatchObject({
        code: "idempotency_conflict",
        body: { job_id: job, fields: [{ path: "idempotency_key" }] },
      });
    });

    it("returns idempotency_conflict for another action under the same key", async () => {
      await submit({ id }, key());
      const other = pipeline.submit(agent, "probe.note", { id }, key());
      await expect(other).rejects.toMatchObject({ code: "idempotency_conflict" });
    });

    it("writes another job for another principal with the same key", async () => {
      expect(await submit({ id }, key(), otherAgent)).not.toBe(await submit({ id }, key()));
    });

    it("returns the agent's equal parked job for another key, and remembers that key for it", async () => {
      const parked = await pipeline.ask(agent, "probe.swear", { id }, { ...key(), reasoning: "First." });
      const others = Array.from({ length: 30 }, (_, n) => ({ idempotency_key: `${n} of ${id}` }));
      const ids = await Promise.all(others.map((other) => submit({ id }, { ...other, reasoning: "Again." })));
      expect(new Set(ids)).toEqual(new Set([parked.id]));
      await pipeline.answer(parked, { decision: "denied" });
      for (const other of [key(), ...others]) expect(await submit({ id }, other)).toBe(parked.id);
      expect(await pipeline.job(parked.id)).toMatchObject({ status: "denied", reasoning: "First." });
      await expect(submit({ id, notes: "other" }, others[0])).rejects.toMatchObject({
        code: "idempotency_conflict",
        body: { job_id: parked.id },
      });
      expect(await submit({ id }, { idempotency_key: `new of ${id}` })).not.toBe(parked.id);
    });

    it("returns the job that the key was used for first when an equal one waits for a person", async () => {
      const first = await pipeline.ask(agent, "probe.swear", { id }, key());
      await pipeline.answer(first, { decision: "denied" });
      const parked = await pipeline.ask(agent, "probe.swear", { id });
      expect(parked.id).not.toBe(first.id);
      expect(await submit({ id }, key())).toBe(first.id);
    });
  });

  describe("of costly requests", () => {
    let actor: Principal;
    beforeEach(() => void (actor = { ...agent, id: newId("token") }));

    const dryRun = { dry_run: true };
    const refused = { code: "rate_limited", body: { retryable: true, retry_after_seconds: 3 } };
    const unfinished = () => test.db.manager.countBy(Job, { principal: `agent:${actor.id}`, costly: true });
    const fill = () => Promise.all(Array.from({ length: MOST_COSTLY }, () => submit({ id }, dryRun, actor)));
    const bulk = (count: number) =>
      pipeline.submit(actor, "contact.bulk_delete", {
        ids: Array.from({ length: count }, () => newId("contact")),
      });

    it("refuses one more than the limit and names the limit", async () => {
      await fill();
      await expect(submit({ id }, dryRun, actor)).rejects.toMatchObject({
        ...refused,
        body: { limit: "8 unfinished dry runs, undos and requests for more than 5 records per token" },
      });
      await expect(bulk(6)).rejects.toMatchObject(refused);
      expect(await unfinished()).toBe(MOST_COSTLY);
    });

    it("counts a request for six records and an undo, and no other request", async () => {
      for (let nth = 1; nth < MOST_COSTLY; nth++) await bulk(6);
      await pipeline.submit(actor, "job.undo", { job_id: newId("job") });
      await expect(submit({ id }, dryRun, actor)).rejects.toMatchObject(refused);
      await Promise.all(Array.from({ length: 20 }, () => submit({ id }, {}, actor)));
      await bulk(5);
      expect(await unfinished()).toBe(MOST_COSTLY);
    });

    it("accepts as many as the limit of 64 at once in two processes", async () => {
      // Each process has written before the other one commits.
      await asOwner(
        test.url,
        `CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.2); RETURN NULL; END';
         CREATE TRIGGER linger AFTER INSERT ON job EXECUTE FUNCTION linger()`,
      );
      const elsewhere = await connect(test.url);
      const writers = [makeJobWriter(test.db, testRegistry), makeJobWriter(elsewhere, testRegistry)];
      const request = { domain: "probe", action: "note", data: { id }, ...dryRun };
      const all = await Promise.allSettled(
        writers.flatMap((write) => Array.from({ length: 32 }, () => write(actor, request))),
      );
      await elsewhere.destroy();
      await asOwner(test.url, "DROP FUNCTION linger CASCADE");
      expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(MOST_COSTLY);
      for (const one of all) if (one.status === "rejected") expect(one.reason).toMatchObject(refused);
      expect(await unfinished()).toBe(MOST_COSTLY);
    });

    it("returns the job of a key that is known, and counts one key at once as one request", async () => {
      const keyed = (key: string) => submit({ id }, { ...dryRun, idempotency_key: key }, actor);
      const same = await Promise.all(Array.from({ length: 20 }, () => keyed("one")));
      expect(new Set(same).size).toBe(1);
      const others = Array.from({ length: MOST_COSTLY - 1 }, (_, nth) => `other ${nth}`);
      await Promise.all(others.flatMap((key) => [keyed(key), keyed(key)]));
      await expect(keyed("one more")).rejects.toMatchObject(refused);
      expect(await keyed("one")).toBe(same[0]);
      const conflicting = submit({ id, notes: "other" }, { ...dryRun, idempotency_key: "one" }, actor);
      await expect(conflicting).rejects.toMatchObject({ code: "idempotency_conflict" });
    });

    it("gives a place back when a job has ended or waits for a person", async () => {
      const [first = ""] = await fill();
      await pipeline.run(first);
      const { id: customer } = await aContact(test.db);
      const more = Array.from({ length: 5 }, () => aContact(test.db));
      const ids = [customer, ...(await Promise.all(more)).map((contact) => contact.id)];
      const parked = await pipeline.ask(actor, "contact.bulk_delete", { ids });
      expect(parked).toMatchObject({ status: "authorization_required", costly: true });
      await submit({ id }, dryRun, actor);
      await expect(submit({ id }, dryRun, actor)).rejects.toMatchObject(refused);
    });

    it("limits no other agent and no person", async () => {
      await fill();
      await submit({ id }, dryRun, otherAgent);
      for (let nth = 0; nth <= MOST_COSTLY; nth++) await submit({ id }, dryRun, office);
    });
  });

  describe("without an idempotency key", () => {
    it("returns the agent's equal parked job, with its first reasoning", async () => {
      const parked = await pipeline.ask(agent, "probe.swear", { id }, { reasoning: "First." });
      expect(await submit({ id }, { reasoning: "Second." })).toBe(parked.id);
      expect(await pipeline.job(parked.id)).toMatchObject({ reasoning: "First." });
      expect(await submit({ id, notes: "other" })).not.toBe(parked.id);
      expect(await submit({ id }, {}, otherAgent)).not.toBe(parked.id);
    });

    it("writes another job after the decision, and always for people", async () => {
      const parked = await pipeline.ask(agent, "probe.swear", { id });
      await pipeline.answer(parked, { decision: "denied" });
      expect(await submit({ id })).not.toBe(parked.id);
      const own = await pipeline.ask(office, "probe.swear", { id });
      expect(await submit({ id }, {}, office)).not.toBe(own.id);
    });
  });

  describe("rejects without writing a row", () => {
    const refusal = async (action: string, data: unknown): Promise<ErrorBody> => {
      const before = await test.db.manager.count(Job);
      const error: unknown = await pipeline.submit(agent, action, data).catch((thrown: unknown) => thrown);
      expect(await test.db.manager.count(Job)).toBe(before);
      if (error instanceof CrmError) return error.body;
      throw error;
    };

    it("an unknown action, with the nearest names", async () => {
      expect(await refusal("contact.delte", {})).toMatchObject({
        code: "validation_failed",
        fields: [{ path: "action" }],
        hint: expect.stringContaining("contact.delete"),
        nearest: expect.arrayContaining(["contact.delete"]),
      });
      expect(await refusal("__proto__.constructor", {})).toMatchObject({ code: "validation_failed" });
    });

    const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });

    it.each([
      ["a missing field", {}, "data.name"],
      ["a wrong type", { name: 7 }, "data.name"],
      ["a wrong type deep inside", { name: "A", phones: [{ number: 7 }] }, "data.phones.0.number"],
      ["an unknown key", { name: "A", status: "vip" }, "data.status"],
      [
        "an unknown key deep inside",
        { name: "A", phones: [{ number: "6085550142", x: 1 }] },
        "data.phones.0.x",
      ],
      ["__proto__", JSON.parse('{"name":"A","__proto__":{"admin":true}}'), "data.__proto__"],
      ["a NUL byte", { name: "A\0B" }, "data.name"],
      ["a lone surrogate", { name: "A\ud800" }, "data.name"],
      ["a NUL byte in a key", { name: "A", "b\0": 1 }, "data"],
      ["data that is no object", "contact", "data"],
      ["data that is a list", [], "data"],
    ])("%s, with the field", async (_what, data, path) => {
      const { code, fields, hint } = await refusal("contact.create", data);
      expect(code).toBe("validation_failed");
      expect(fields.map((field) => field.path)).toContain(path);
      expect(hint).toMatch(/crm_capabilities/);
    });

    it("data that is nested deeper than 32 levels", async () => {
      const { fields } = await refusal("contact.create", { name: "A", custom: nested(33) });
      expect(fields).toMatchObject([
        {
          path: expect.stringMatching(/^data\.custom\.a/),
          message: expect.stringContaining("deeper than 32"),
        },
      ]);
    });
  });
});
