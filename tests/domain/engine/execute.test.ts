import { DataSource } from "typeorm";
import { needsAuthorization } from "../../../src/domain/core/permission.ts";
import { newId } from "../../../src/domain/core/ids.ts";
import type { Action } from "../../../src/domain/core/action.ts";
import { rows } from "../../../src/database/sql.ts";
import { Contact } from "../../../src/entities/contact.ts";
import { connectionWaitsForLock } from "../../support/act.ts";
import type { TestDatabase } from "../../support/database.ts";
import { moody, note, withActions } from "../../support/probe-actions.ts";
import { aContact } from "../../support/factories.ts";
import { agent, makePipeline, type Pipeline, testPipeline } from "../../support/pipeline.ts";

describe("execute", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  let id: string;
  beforeAll(async () => void ({ test, pipeline } = await testPipeline()));
  afterAll(() => test.drop());
  beforeEach(async () => {
    ({ id } = await aContact(test.db, { name: "Johnson Family" }));
  });

  const notes = async () => (await test.db.manager.findOneByOrFail(Contact, { id })).notes;

  describe("of a job that may run", () => {
    it("stores the result and the level, and records each change under the job", async () => {
      const job = await pipeline.ask(agent, "probe.remark", { id, notes: "new" });
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

    it("returns absent for an unknown job and for one that has ended", async () => {
      expect(await pipeline.run(newId("job"))).toEqual({ kind: "absent" });
      expect(await pipeline.run("'; DROP TABLE job; --")).toEqual({ kind: "absent" });
      const done = await pipeline.ask(agent, "probe.note", { id });
      expect(await pipeline.run(done.id)).toEqual({ kind: "absent" });
    });

    it("waits for a transaction that holds the row, then runs", async () => {
      const held = await pipeline.submit(agent, "probe.note", { id });
      const waiting = await test.db.transaction(async (db) => {
        await rows(db, "SELECT FROM job WHERE id = $1 FOR UPDATE", [held]);
        const run = pipeline.run(held);
        await connectionWaitsForLock(test.db);
        return { run };
      });
      expect(await waiting.run).toMatchObject({ kind: "ended", status: "completed" });
    });

    it("has one effect when ten workers run it at once", async () => {
      const jobId = await pipeline.submit(agent, "probe.note", { id });
      const outcomes = await Promise.all(Array.from({ length: 10 }, () => pipeline.run(jobId)));
      expect(outcomes.filter(({ kind }) => kind === "ended")).toHaveLength(1);
      expect(await pipeline.changes(await pipeline.job(jobId))).toHaveLength(1);
    });

    it("cannot overwrite the result of an ended job", async () => {
      const job = await pipeline.ask(agent, "probe.note", { id });
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
    ])("stores the error and no writes when %s refuses", async (_who, over, error) => {
      const job = await pipeline.ask(agent, "probe.stumble", { id, over });
      expect(job).toMatchObject({ status: "failed", error, result: null, finished_at: expect.any(Date) });
      expect(await notes()).toBeNull();
      expect(await pipeline.changes(job)).toEqual([]);
    });

    it("shows no SQL and no message of the database", async () => {
      const { error } = await pipeline.ask(agent, "probe.stumble", { id, over: "constraint" });
      expect(JSON.stringify(error)).not.toMatch(/insert|violates|relation/i);
    });

    it("fails a job whose action no longer exists or is not for its requester", async () => {
      const doors = makePipeline(test.db, withActions(farewell));
      const gone = await doors.submit(agent, "probe.farewell", { id });
      await pipeline.run(gone);
      expect(await pipeline.job(gone)).toMatchObject({
        status: "failed",
        error: { code: "validation_failed" },
      });

      const forPeople = withActions({ ...farewell, audience: "people" });
      const barred = await doors.submit(agent, "probe.farewell", { id });
      await makePipeline(test.db, forPeople).run(barred);
      expect(await pipeline.job(barred)).toMatchObject({ status: "failed", error: { code: "forbidden" } });
    });
  });

  it("rolls everything back after a bug and leaves the job open", async () => {
    const jobId = await pipeline.submit(agent, "probe.stumble", { id, over: "bug" });
    await expect(pipeline.run(jobId)).rejects.toThrow(TypeError);
    expect(await pipeline.job(jobId)).toMatchObject({
      status: "queued",
      started_at: null,
      finished_at: null,
    });
    expect(await notes()).toBeNull();
  });

  it("runs when the reason to ask is gone before the job is parked", async () => {
    const mood = makePipeline(test.db, withActions(moody({ risky: 1 })));
    expect(await mood.ask(agent, "probe.moody", { id }, {})).toMatchObject({
      status: "completed",
      error: null,
    });
  });

  it("repeats the preview when the reason to ask returns between the preview and the commit", async () => {
    const risky = [true, false, true, false, false]; // Fast path, preview, commit, preview, commit.
    const shifty = makePipeline(
      test.db,
      withActions({
        ...note,
        name: "shifty",
        escalate: () => Promise.resolve((risky.shift() ?? false) && needsAuthorization("It feels risky", {})),
      }),
    );
    const job = await shifty.ask(agent, "probe.shifty", { id, notes: "done" });
    expect(job).toMatchObject({ status: "completed", queue_id: null });
    expect(risky).toEqual([]);
    expect(await shifty.changes(job)).toHaveLength(1);
  });

  it("stores no writes when the database refuses the rule of an Allow Always", async () => {
    const parked = await pipeline.ask(agent, "probe.swear", { id, notes: "sworn" });
    const schema = await new DataSource({ type: "postgres", url: test.url }).initialize();
    try {
      await schema.query("ALTER TABLE rule ADD CONSTRAINT no_rules CHECK (action = '') NOT VALID");
      const job = await pipeline.answer(parked, { upgrade_permission: true });
      expect(job).toMatchObject({ status: "failed", error: { code: "conflict", constraint: "no_rules" } });
      expect(await pipeline.changes(job)).toEqual([]);
      expect(await notes()).toBeNull();
    } finally {
      await schema.query("ALTER TABLE rule DROP CONSTRAINT no_rules");
      await schema.destroy();
    }
  });
});

const farewell: Action = { ...note, name: "farewell" };
