import { CrmError, type ErrorBody } from "../../src/domain/core/errors.ts";
import { Job } from "../../src/entities/job.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { aContact } from "../support/factories.ts";
import { agent, makePipeline, office, otherAgent, type Pipeline } from "../support/pipeline.ts";

describe("a job row is written", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  let id: string;
  beforeAll(async () => {
    test = await testDatabase();
    pipeline = makePipeline(test.db);
  });
  afterAll(() => test.drop());
  beforeEach(async () => {
    ({ id } = await aContact(test.db));
  });

  const submit = (data: unknown, rest = {}, actor = agent) =>
    pipeline.submit(actor, "errand.swear", data, rest);

  it("with what was sent, who sent it and why, before anything happens", async () => {
    const job = await submit({ notes: "n", id }, { reasoning: "They asked.", idempotencyKey: "first" });
    expect(await pipeline.job(job)).toMatchObject({
      action: "errand.swear",
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

  describe("once per idempotency key", () => {
    const key = () => ({ idempotencyKey: `key of ${id}` });

    it("for the same request, whatever the order of its fields and its reasoning", async () => {
      const job = await submit({ id, notes: "n" }, key());
      expect(await submit({ notes: "n", id }, { ...key(), reasoning: "Now with words." })).toBe(job);
      await pipeline.run(job);
      expect(await submit({ id, notes: "n" }, key())).toBe(job);
    });

    it("however many send it at once", async () => {
      const ids = await Promise.all(Array.from({ length: 20 }, () => submit({ id }, key())));
      expect(new Set(ids).size).toBe(1);
      expect(await test.db.manager.countBy(Job, { idempotency_key: key().idempotencyKey })).toBe(1);
    });

    it.each([
      ["other data", { notes: "other" }, {}],
      ["a dry run", {}, { dryRun: true }],
    ])("and not for %s", async (_what, data, rest) => {
      const job = await submit({ id }, key());
      await expect(submit({ id, ...data }, { ...key(), ...rest })).rejects.toMatchObject({
        code: "idempotency_conflict",
        body: { job_id: job, fields: [{ path: "idempotency_key" }] },
      });
    });

    it("and not for another action", async () => {
      await submit({ id }, key());
      const other = pipeline.submit(agent, "errand.note", { id }, key());
      await expect(other).rejects.toMatchObject({ code: "idempotency_conflict" });
    });

    it("of one principal; another one's keys are its own", async () => {
      expect(await submit({ id }, key(), otherAgent)).not.toBe(await submit({ id }, key()));
    });

    it("even beside an equal job that waits for a person", async () => {
      const { id: parked } = await pipeline.ask(agent, "errand.swear", { id });
      expect(await submit({ id }, key())).not.toBe(parked);
    });
  });

  describe("not again, without a key,", () => {
    it("where the agent's equal request waits for a person; its first reasoning stays", async () => {
      const parked = await pipeline.ask(agent, "errand.swear", { id }, { reasoning: "First." });
      expect(await submit({ id }, { reasoning: "Second." })).toBe(parked.id);
      expect(await pipeline.job(parked.id)).toMatchObject({ reasoning: "First." });
      expect(await submit({ id, notes: "other" })).not.toBe(parked.id);
      expect(await submit({ id }, {}, otherAgent)).not.toBe(parked.id);
    });

    it("but again once that is decided, and each time for people", async () => {
      const parked = await pipeline.ask(agent, "errand.swear", { id });
      await pipeline.answer(parked, { decision: "denied" });
      expect(await submit({ id })).not.toBe(parked.id);
      const own = await pipeline.ask(office, "errand.swear", { id });
      expect(await submit({ id }, {}, office)).not.toBe(own.id);
    });
  });

  describe("not at all", () => {
    const refusal = async (action: string, data: unknown): Promise<ErrorBody> => {
      const before = await test.db.manager.count(Job);
      const error: unknown = await pipeline.submit(agent, action, data).catch((thrown: unknown) => thrown);
      expect(await test.db.manager.count(Job)).toBe(before);
      if (error instanceof CrmError) return error.body;
      throw error;
    };

    it("for an action that nobody knows: the nearest are named", async () => {
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
    ])("for %s: the field is named", async (_what, data, path) => {
      const { code, fields, hint } = await refusal("contact.create", data);
      expect(code).toBe("validation_failed");
      expect(fields.map((field) => field.path)).toContain(path);
      expect(hint).toMatch(/crm_capabilities/);
    });

    it("for data that is nested deeper than any input of ours", async () => {
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
