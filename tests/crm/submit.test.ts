import { CrmError, type ErrorBody } from "../../src/domain/core/errors.ts";
import { In } from "typeorm";
import { makeJobWriter } from "../../src/crm/submit.ts";
import { newId } from "../../src/domain/core/ids.ts";
import type { Principal } from "../../src/domain/core/principal.ts";
import { Job } from "../../src/entities/job.ts";
import { clock } from "../support/act.ts";
import type { TestDatabase } from "../support/database.ts";
import { aTicket } from "../support/factories.ts";
import { agent, office, otherAgent, type Pipeline } from "../support/pipeline.ts";
import { testRegistry } from "../support/probe-actions.ts";
import { submitting } from "../support/submitting.ts";

describe("submit", () => {
  const { now, submit } = submitting();
  let test: TestDatabase;
  let pipeline: Pipeline;
  let id: string;
  beforeEach(() => void ({ test, pipeline, id } = now()));

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
    const write = makeJobWriter(test.db, testRegistry, { clock });
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

  describe("without an idempotency key", () => {
    it("returns the agent's equal parked job, with its first reasoning", async () => {
      const parked = await pipeline.ask(agent, "probe.swear", { id }, { reasoning: "First." });
      expect(await submit({ id }, { reasoning: "Second." })).toBe(parked.id);
      expect(await pipeline.job(parked.id)).toMatchObject({ reasoning: "First." });
      expect(await submit({ id, notes: "other" })).not.toBe(parked.id);
      expect(await submit({ id }, {}, otherAgent)).not.toBe(parked.id);
    });

    it("returns it where the same records are named in another order, or twice", async () => {
      const others = await Promise.all([aTicket(test.db), aTicket(test.db)]);
      const [one = "", other = ""] = others.map(({ customer_id }) => customer_id);
      const remove = (ids: string[]) => pipeline.ask(agent, "contact.bulk_delete", { ids });
      const parked = await remove([one, other]);
      expect(parked.status).toBe("authorization_required");
      expect([(await remove([other, one])).id, (await remove([one, other, one])).id]).toEqual([
        parked.id,
        parked.id,
      ]);
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
