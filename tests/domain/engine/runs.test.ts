import { rows } from "../../../src/database/sql.ts";
import type { Action } from "../../../src/domain/core/action.ts";
import { invalidState } from "../../../src/domain/core/errors.ts";
import { needsAuthorization } from "../../../src/domain/core/permission.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { note, withActions } from "../../support/probe-actions.ts";
import { aContact, theSettings } from "../../support/factories.ts";
import { agent, makePipeline, type Pipeline } from "../../support/pipeline.ts";
import { statementOf } from "../../support/statements.ts";
import { jest } from "@jest/globals";
import pg from "pg";

describe("the runs of a job", () => {
  let test: TestDatabase;
  let id: string;
  beforeAll(async () => {
    test = await testDatabase();
    await theSettings(test.db);
  });
  afterAll(() => test.drop());
  beforeEach(async () => {
    ({ id } = await aContact(test.db));
  });
  afterEach(() => void jest.restoreAllMocks());

  /** An action that counts, and a workflow that counts and calls it. */
  function counting({ risky = false, refuses = false }) {
    const counts = { escalate: 0, handler: 0, workflow: 0 };
    const step: Action = {
      ...note,
      name: "counted",
      escalate() {
        counts.escalate++;
        return Promise.resolve(risky && needsAuthorization("It is risky", {}));
      },
      handler(context, input) {
        counts.handler++;
        if (refuses) throw invalidState("customer", "be woken", { state: "asleep", allowed: [] });
        return note.handler(context, input as { id: string; notes: string }); // Parsed by note's schema.
      },
    };
    const workflow: Action = {
      ...note,
      name: "workflow",
      handler(context, input) {
        counts.workflow++;
        return context.call(step, input);
      },
    };
    return { counts, pipeline: makePipeline(test.db, withActions(step, workflow)) };
  }

  const statementsOf = async (run: () => Promise<unknown>): Promise<string[]> => {
    const query = jest.spyOn(pg.Client.prototype, "query");
    await run();
    return query.mock.calls.map((args) => String(statementOf(args).text));
  };
  const runOnly = async (pipeline: Pipeline, action: string) => {
    const job = await pipeline.submit(agent, action, { id });
    return statementsOf(() => pipeline.run(job));
  };

  it("are one of escalate and one of the handler when it completes", async () => {
    const { counts, pipeline } = counting({});
    expect(await pipeline.ask(agent, "probe.counted", { id })).toMatchObject({ status: "completed" });
    expect(counts).toEqual({ escalate: 1, handler: 1, workflow: 0 });
  });

  it("are one of each for a workflow that completes", async () => {
    const { counts, pipeline } = counting({});
    expect(await pipeline.ask(agent, "probe.workflow", { id })).toMatchObject({ status: "completed" });
    expect(counts).toEqual({ escalate: 1, handler: 1, workflow: 1 });
  });

  it("are two of escalate and one of the handler when it parks, and one more of each when approved", async () => {
    const { counts, pipeline } = counting({ risky: true });
    const job = await pipeline.ask(agent, "probe.counted", { id });
    expect(job).toMatchObject({ status: "authorization_required" });
    expect(counts).toEqual({ escalate: 2, handler: 1, workflow: 0 }); // The fast path stops before the handler.
    expect(await pipeline.answer(job)).toMatchObject({ status: "completed" });
    expect(counts).toEqual({ escalate: 3, handler: 2, workflow: 0 });
  });

  it("are two runs of a workflow that parks at its step, two of escalate and one of the step's handler", async () => {
    const { counts, pipeline } = counting({ risky: true });
    const job = await pipeline.ask(agent, "probe.workflow", { id });
    expect(job).toMatchObject({ status: "authorization_required" });
    expect(counts).toEqual({ escalate: 2, handler: 1, workflow: 2 });
  });

  it("are two of each when the handler refuses: the second can store the refusal", async () => {
    const { counts, pipeline } = counting({ refuses: true });
    expect(await pipeline.ask(agent, "probe.counted", { id })).toMatchObject({ status: "failed" });
    expect(counts).toEqual({ escalate: 2, handler: 2, workflow: 0 });
  });

  it("are one of the handler when it meets a lock timeout, which execute() throws", async () => {
    let runs = 0;
    const impatient: Action = {
      ...note,
      name: "impatient",
      async handler(context, input) {
        runs++;
        await rows(context.db, "SET LOCAL lock_timeout = '20ms'");
        return note.handler(context, input as { id: string; notes: string }); // Parsed by note's schema.
      },
    };
    const pipeline = makePipeline(test.db, withActions(impatient));
    const job = await pipeline.submit(agent, "probe.impatient", { id });
    await test.db.transaction(async (db) => {
      await rows(db, "SELECT FROM contact WHERE id = $1 FOR UPDATE", [id]);
      await expect(pipeline.run(job)).rejects.toMatchObject({ code: "55P03" });
    });
    expect(runs).toBe(1);
    expect(await pipeline.run(job)).toMatchObject({ kind: "ended", status: "completed" });
  });

  it("need no savepoint and six statements for an update that completes at once", async () => {
    const { pipeline } = counting({});
    const statements = await runOnly(pipeline, "probe.counted");
    expect(statements.filter((sql) => /SAVEPOINT/.test(sql))).toEqual([]);
    // START TRANSACTION, claim, read the record, write it, complete, COMMIT.
    expect(statements).toHaveLength(6);
  });

  it("need a second transaction when it parks", async () => {
    const { pipeline } = counting({ risky: true });
    const statements = await runOnly(pipeline, "probe.counted");
    expect(statements.filter((sql) => /^START TRANSACTION/.test(sql))).toHaveLength(2);
    expect(statements.filter((sql) => /^SAVEPOINT/.test(sql))).toHaveLength(1);
  });
});
