import { rows } from "../../src/database/sql.ts";
import { ScheduleRun } from "../../src/entities/schedule-run.ts";
import type { Backend } from "../../src/queue/index.ts";
import { defineSchedule, type ScheduleParts } from "../../src/workers/schedule.ts";
import { addSchedulers, makeScheduleWorker } from "../../src/workers/schedules.ts";
import { eachBackend } from "../support/backends.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { testRegistry } from "../support/probe-actions.ts";

it("a schedule needs a name in lower case and an interval of at least a second", () => {
  const run = async () => {};
  expect(() => defineSchedule({ name: "Two Words", everyMs: 1_000, run })).toThrow("lower case");
  expect(() => defineSchedule({ name: "fast", everyMs: 999, run })).toThrow("everyMs");
});

eachBackend("the schedulers of the queue", (backend) => {
  let test: TestDatabase;
  let queues: Backend;
  beforeAll(async () => {
    test = await testDatabase();
    queues = await backend.connect(test.url);
  });
  afterAll(async () => {
    await queues.close();
    await test.drop();
  });
  const idle = (name: string, everyMs = 3_600_000) => defineSchedule({ name, everyMs, run: async () => {} });
  const present = async () =>
    (await queues.queue("schedules").getJobSchedulers()).map(({ key, every }) => [key, Number(every)]).sort();

  it("follow the list: missing ones are added, changed ones replaced, others removed", async () => {
    const queue = queues.queue("schedules");
    await addSchedulers(queue, [idle("first"), idle("second")]);
    await addSchedulers(queue, [idle("first"), idle("second")]);
    expect(await present()).toEqual([
      ["first", 3_600_000],
      ["second", 3_600_000],
    ]);
    await addSchedulers(queue, [idle("second", 60_000), idle("third")]);
    expect(await present()).toEqual([
      ["second", 60_000],
      ["third", 3_600_000],
    ]);
    await addSchedulers(queue, []);
    expect(await present()).toEqual([]);
  });

  it("run each schedule with the given clock and record successes and failures", async () => {
    const now = new Date("2031-01-01T12:00:00Z");
    const seen: Date[] = [];
    const good = defineSchedule({
      name: "good",
      everyMs: 3_600_000,
      run: async ({ clock }: ScheduleParts) => void seen.push(clock.now()),
    });
    const bad = defineSchedule({
      name: "bad",
      everyMs: 3_600_000,
      run: async ({ db }) => void (await rows(db.manager, "SELECT 1 FROM missing_table")),
    });
    makeScheduleWorker(queues, { db: test.db, registry: testRegistry, clock: { now: () => now } }, [
      good,
      bad,
    ]);
    await addSchedulers(queues.queue("schedules"), [good, bad]);
    const runs = test.db.getRepository(ScheduleRun);
    await eventually(async () => {
      expect(await runs.findOneBy({ name: "good" })).toMatchObject({ failures: 0, last_error: null });
      const { failures, last_error, last_succeeded_at } = await runs.findOneByOrFail({ name: "bad" });
      expect([failures > 0, last_error, last_succeeded_at]).toEqual([true, "QueryFailedError 42P01", null]);
    });
    await eventually(async () =>
      expect((await runs.findOneByOrFail({ name: "good" })).last_succeeded_at).toEqual(expect.any(Date)),
    );
    expect(seen).toEqual([now]);
    await addSchedulers(queues.queue("schedules"), []);
  });
});
