import { newId } from "../../../src/domain/core/ids.ts";
import type { Action } from "../../../src/domain/core/action.ts";
import { rows } from "../../../src/entities/database.ts";
import { Contact } from "../../../src/entities/contact.ts";
import { somebodyWaits } from "../../support/act.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { moody, note, withActions } from "../../support/errands.ts";
import { aContact, theSettings } from "../../support/factories.ts";
import { agent, makePipeline, type Pipeline } from "../../support/pipeline.ts";

describe("execute", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  let id: string;
  beforeAll(async () => {
    test = await testDatabase();
    pipeline = makePipeline(test.db);
    await theSettings(test.db);
  });
  afterAll(() => test.drop());
  beforeEach(async () => {
    ({ id } = await aContact(test.db, { name: "Johnson Family" }));
  });

  const notes = async () => (await test.db.manager.findOneByOrFail(Contact, { id })).notes;

  describe("of a job that may run", () => {
    it("does it, keeps the result and the level, and records each change under the job", async () => {
      const job = await pipeline.ask(agent, "errand.remark", { id, notes: "new" });
      expect(job).toMatchObject({
        status: "completed",
        level: "soft_limit",
        allowed_by: null,
        result: { id, notes: "new" },
        error: null,
        started_at: expect.any(Date),
        finished_at: expect.any(Date),
      });
      expect(await pipeline.changes(job)).toMatchObject([
        {
          table_name: "contact",
          record_id: id,
          operation: "update",
          before: { notes: null },
          after: { notes: "new" },
        },
      ]);
    });

    it("leaves alone what it never heard of, and what has ended", async () => {
      expect(await pipeline.run(newId("job"))).toEqual({ kind: "absent" });
      expect(await pipeline.run("'; DROP TABLE job; --")).toEqual({ kind: "absent" });
      const done = await pipeline.ask(agent, "errand.note", { id });
      expect(await pipeline.run(done.id)).toEqual({ kind: "absent" });
    });

    it("waits for who holds the row, and acts on what that one leaves", async () => {
      const held = await pipeline.submit(agent, "errand.note", { id });
      const waiting = await test.db.transaction(async (db) => {
        await rows(db, "SELECT FROM job WHERE id = $1 FOR UPDATE", [held]);
        const run = pipeline.run(held);
        await somebodyWaits(test.db);
        return { run };
      });
      expect(await waiting.run).toMatchObject({ kind: "ended", status: "completed" });
    });

    it("has one effect, however many carry it out at once", async () => {
      const jobId = await pipeline.submit(agent, "errand.note", { id });
      const outcomes = await Promise.all(Array.from({ length: 10 }, () => pipeline.run(jobId)));
      expect(outcomes.filter(({ kind }) => kind === "ended")).toHaveLength(1);
      expect(await pipeline.changes(await pipeline.job(jobId))).toHaveLength(1);
    });

    it("never overwrites how a job has ended", async () => {
      const job = await pipeline.ask(agent, "errand.note", { id });
      const again = rows(test.db.manager, "UPDATE job SET status = 'failed', result = NULL WHERE id = $1", [
        job.id,
      ]);
      await expect(again).rejects.toMatchObject({ code: "CS002" });
      expect(await pipeline.job(job.id)).toEqual(job);
    });
  });

  describe("of a job that is refused", () => {
    it.each([
      [
        "the action itself",
        "refusal",
        { code: "invalid_state", hint: "From asleep it can: sing.", state: "asleep" },
      ],
      ["a constraint", "constraint", { code: "conflict", constraint: "contact_kind" }],
      [
        "a constraint that is checked last",
        "deferred",
        { code: "conflict", constraint: "ticket_customer_id_fk" },
      ],
      ["a column that is too small", "range", { code: "validation_failed" }],
    ])("keeps why, and nothing else, where %s refuses", async (_who, over, error) => {
      const job = await pipeline.ask(agent, "errand.stumble", { id, over });
      expect(job).toMatchObject({ status: "failed", error, result: null, finished_at: expect.any(Date) });
      expect(await notes()).toBeNull();
      expect(await pipeline.changes(job)).toEqual([]);
    });

    it("shows no SQL and no stranger's words", async () => {
      const { error } = await pipeline.ask(agent, "errand.stumble", { id, over: "constraint" });
      expect(JSON.stringify(error)).not.toMatch(/insert|violates|relation/i);
    });

    it("fails a job whose action is gone, or is not for the one who asked", async () => {
      const doors = makePipeline(test.db, withActions(farewell));
      const gone = await doors.submit(agent, "errand.farewell", { id });
      await pipeline.run(gone);
      expect(await pipeline.job(gone)).toMatchObject({
        status: "failed",
        error: { code: "validation_failed" },
      });

      const forPeople = withActions({ ...farewell, audience: "people" });
      const barred = await doors.submit(agent, "errand.farewell", { id });
      await makePipeline(test.db, forPeople).run(barred);
      expect(await pipeline.job(barred)).toMatchObject({ status: "failed", error: { code: "forbidden" } });
    });
  });

  it("takes everything back after a bug, and the job stays open", async () => {
    const jobId = await pipeline.submit(agent, "errand.stumble", { id, over: "bug" });
    await expect(pipeline.run(jobId)).rejects.toThrow(TypeError);
    expect(await pipeline.job(jobId)).toMatchObject({
      status: "queued",
      started_at: null,
      finished_at: null,
    });
    expect(await notes()).toBeNull();
  });

  it("runs where the reason to ask is gone before anybody could be asked", async () => {
    const mood = makePipeline(test.db, withActions(moody({ risky: 1 })));
    expect(await mood.ask(agent, "errand.moody", { id }, {})).toMatchObject({
      status: "completed",
      error: null,
    });
  });
});

const farewell: Action = { ...note, name: "farewell" };
