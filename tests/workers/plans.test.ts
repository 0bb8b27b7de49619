import { rows } from "../../src/database/sql.ts";
import { Holiday } from "../../src/entities/holiday.ts";
import { connect } from "../../src/database/data-source.ts";
import type { Backend } from "../../src/queue/index.ts";
import { fillPlans } from "../../src/workers/plans.ts";
import { addSchedulers, makeScheduleWorker } from "../../src/workers/schedules.ts";
import { MONDAY_9 } from "../support/act.ts";
import { eachBackend } from "../support/backends.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { aHoliday } from "../support/definitions.ts";
import { eventually } from "../support/eventually.ts";
import { aPlan, aTechnician, theSettings, WEEKDAYS_8_TO_17, withJob } from "../support/factories.ts";
import { testRegistry } from "../support/probe-actions.ts";
import { shownVisits } from "../domain/plan/planning.ts";

const WEEK_MS = 7 * 24 * 3_600_000;
const TUESDAYS = ["2026-11-24", "2026-12-01", "2026-12-08", "2026-12-15", "2026-12-22"];
const booked = (dates: readonly string[]) => dates.map((date) => `${date} 09:00 scheduled`);

const fills = (test: TestDatabase) =>
  rows<{ status: string }>(test.db.manager, "SELECT status FROM job WHERE action = 'plan.fill'");

describe("the schedule of plans", () => {
  let test: TestDatabase;
  beforeAll(async () => void (test = await testDatabase()));
  afterAll(() => test.drop());
  beforeEach(async () => {
    await test.clear();
    await theSettings(test.db);
    await aTechnician(test.db);
  });

  const fill = (now: Date, db = test.db) =>
    fillPlans.run({ db, registry: testRegistry, clock: { now: () => now } });

  it("keeps a weekly plan filled over both daylight changes and a holiday, each date once at one local time", async () => {
    await aTechnician(test.db, { working_hours: { ...WEEKDAYS_8_TO_17, sunday: ["00:00", "23:59"] } });
    await aHoliday(test.db, { date: "2027-07-04", name: "Independence Day" });
    const sundays = { rule: "FREQ=WEEKLY;BYDAY=SU", first_day: "2027-03-01", local_time: "02:30" };
    const { id } = await aPlan(test.db, sundays);
    const begin = Date.parse("2027-03-01T15:00:00Z");
    for (let week = 0; week < 36; week++) {
      const now = new Date(begin + week * WEEK_MS);
      await Promise.all([fill(now), fill(now)]);
    }
    const dates = Array.from({ length: 40 }, (_, week) =>
      new Date(Date.parse("2027-03-07") + week * WEEK_MS).toISOString().slice(0, 10),
    );
    expect(await shownVisits(test.db, id)).toEqual(
      dates.map((date) => {
        if (date === "2027-07-04") return `${date} - unscheduled`;
        return `${date} ${date === "2027-03-14" ? "03:30" : "02:30"} scheduled`;
      }),
    );
    const [holiday] = await rows<{ needs_time_reason: string }>(
      test.db.manager,
      "SELECT needs_time_reason FROM ticket WHERE plan_date = '2027-07-04'",
    );
    expect(holiday?.needs_time_reason).toBe(
      "The business is closed on Sunday, July 4, 2027 (Independence Day).",
    );
  });

  it("writes one job for each plan that lacks visits, as the system, and none where nothing lacks", async () => {
    const [one, two] = [await aPlan(test.db), await aPlan(test.db, { local_time: "11:00" })];
    await aPlan(test.db, { state: "paused" });
    await aPlan(test.db, { state: "ended" });
    await Promise.all([fill(MONDAY_9), fill(MONDAY_9), fill(MONDAY_9)]);
    await fill(MONDAY_9);
    const jobs = await rows(
      test.db.manager,
      "SELECT principal, principal_kind, status, input->>'id' AS plan FROM job WHERE action = 'plan.fill' ORDER BY 4",
    );
    const job = { principal: "system:plans", principal_kind: "system", status: "completed" };
    expect(jobs).toEqual([one.id, two.id].map((plan) => ({ ...job, plan })));
    expect(await shownVisits(test.db, one.id)).toEqual(booked(TUESDAYS));
  });

  it("books a visit that has waited for a time once somebody can go, without a job before that", async () => {
    const { id } = await aPlan(test.db);
    const holiday = await aHoliday(test.db, { date: "2026-12-01", name: "Founders' Day" });
    await fill(MONDAY_9);
    expect((await shownVisits(test.db, id))[1]).toBe("2026-12-01 - unscheduled");
    const later = (hours: number) => new Date(MONDAY_9.getTime() + hours * 3_600_000);
    await fill(later(1));
    expect(await fills(test)).toHaveLength(1);
    await withJob(test.db, (db) => db.update(Holiday, { id: holiday.id }, { archived_at: MONDAY_9 }));
    await Promise.all([fill(later(2)), fill(later(2))]);
    expect(await shownVisits(test.db, id)).toEqual(booked(TUESDAYS));
    await fill(later(3));
    expect(await fills(test)).toHaveLength(2);
  });

  it("makes each date once where two fills see different days", async () => {
    const { id } = await aPlan(test.db);
    const other = await connect(test.url, { lockTimeoutMs: 5_000 });
    await Promise.all([fill(MONDAY_9), fill(new Date(MONDAY_9.getTime() + WEEK_MS), other)]);
    await fill(MONDAY_9);
    await other.destroy();
    expect(await shownVisits(test.db, id)).toEqual(booked([...TUESDAYS, "2026-12-29"]));
  });

  it("fills the other plans where one fails, and says so", async () => {
    const broken = await aPlan(test.db, { rule: "FREQ=NEVER" });
    const { id } = await aPlan(test.db);
    await expect(fill(MONDAY_9)).rejects.toThrow("NEVER");
    expect(broken.id < id).toBe(true);
    expect(await shownVisits(test.db, id)).toEqual(booked(TUESDAYS));
  });
});

eachBackend("two workers", (backend) => {
  let test: TestDatabase;
  const queues: Backend[] = [];
  beforeAll(async () => {
    test = await testDatabase();
    await theSettings(test.db);
    await aTechnician(test.db);
    for (let worker = 0; worker < 2; worker++) queues.push(await backend.connect(test.url));
  });
  afterAll(async () => {
    await Promise.all(queues.map((each) => each.close()));
    await test.drop();
  });

  it("fill a plan's horizon, each date once", async () => {
    const { id } = await aPlan(test.db);
    const often = { ...fillPlans, everyMs: 1_000 };
    const parts = { db: test.db, registry: testRegistry, clock: { now: () => MONDAY_9 } };
    for (const each of queues) makeScheduleWorker(each, parts, [often]);
    const [first] = queues;
    if (!first) throw new Error("two are connected");
    await addSchedulers(first.queue("schedules"), [often]);
    await eventually(async () => expect(await shownVisits(test.db, id)).toEqual(booked(TUESDAYS)));
    await addSchedulers(first.queue("schedules"), []);
    expect(await fills(test)).toEqual([{ status: "completed" }]);
  });
});
