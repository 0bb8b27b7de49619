import { createHoliday } from "../../../src/domain/holiday/create.ts";
import { archiveHoliday } from "../../../src/domain/holiday/archive.ts";
import { updateHoliday } from "../../../src/domain/holiday/update.ts";
import { archiveTechnician } from "../../../src/domain/technician/archive.ts";
import { bookTimeOff } from "../../../src/domain/technician/time-off.ts";
import { updateTechnician } from "../../../src/domain/technician/update.ts";
import { scheduleTicket } from "../../../src/domain/ticket/schedule.ts";
import type { Technician } from "../../../src/entities/technician.ts";
import { act, MONDAY_9, refusal } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aTechnician, aTicket, theSettings } from "../../support/factories.ts";
import { makePipeline, owner } from "../../support/pipeline.ts";

let test: TestDatabase;
let technician: Technician;
beforeAll(async () => void (test = await testDatabase()));
afterAll(() => test.drop());
beforeEach(async () => {
  await test.clear();
  await theSettings(test.db);
  technician = await aTechnician(test.db);
});

const schedule = async (window_start: string) =>
  act(test.db, scheduleTicket, { id: (await aTicket(test.db)).id, window_start });
const aVisit = (window_start: string) =>
  aTicket(test.db, {
    status: "scheduled",
    technician_id: technician.id,
    window_start: new Date(window_start),
  });

describe("a day off", () => {
  it("is not booked; the error offers the next free times", async () => {
    await act(test.db, bookTimeOff, { id: technician.id, from: "2026-11-24", to: "2026-11-25" });
    const error = await refusal(schedule("2026-11-24T10:00"));
    expect(error).toMatchObject({
      code: "conflict",
      message: "Dana Reed is off on Tuesday, November 24, 2026.",
    });
    const [first] = error["alternatives"] as { window_start: string; local: string }[];
    expect(first?.local).toBe("Thursday, November 26, 2026 at 8:00 AM");
    expect(await schedule(first?.window_start ?? "")).toMatchObject({ status: "scheduled" });
  });

  it("lists the visits that must be moved", async () => {
    const moved = await aVisit("2026-11-24T16:00:00Z");
    await aVisit("2026-11-25T16:00:00Z");
    const answer = await act(test.db, bookTimeOff, { id: technician.id, from: "2026-11-24" });
    expect(answer).toMatchObject({
      time_off: [{ from: "2026-11-24", to: "2026-11-24" }],
      booked: [{ id: moved.id, number: moved.number }],
    });
  });

  it("can be undone", async () => {
    const pipeline = makePipeline(test.db);
    const job = await pipeline.ask(owner, "technician.time_off", { id: technician.id, from: "2026-11-24" });
    await pipeline.ask(owner, "job.undo", { job_id: job.id });
    expect(await schedule("2026-11-24T10:00")).toMatchObject({ status: "scheduled" });
  });

  it("is rejected when it ends before it begins", async () => {
    const backwards = { id: technician.id, from: "2026-11-24", to: "2026-11-23" };
    expect((await refusal(act(test.db, bookTimeOff, backwards))).fields).toMatchObject([{ path: "data.to" }]);
  });
});

describe("a holiday", () => {
  it("closes the business for every technician until it is moved or removed", async () => {
    const holiday = await act(test.db, createHoliday, { date: "2026-11-26", name: "Thanksgiving" });
    expect(holiday).toMatchObject({ id: expect.stringMatching(/^holiday_/), date: "2026-11-26" });
    const error = await refusal(schedule("2026-11-26T10:00"));
    expect(error.message).toContain("The business is closed on Thursday, November 26, 2026 (Thanksgiving)");
    await act(test.db, updateHoliday, { id: holiday.id, date: "2026-11-27" });
    await schedule("2026-11-26T10:00");
    expect((await refusal(schedule("2026-11-27T10:00"))).code).toBe("conflict");
    await act(test.db, archiveHoliday, { id: holiday.id });
    await schedule("2026-11-27T10:00");
  });

  it("is unique per day, but can be added again after it was archived", async () => {
    const pipeline = makePipeline(test.db);
    const create = () => pipeline.ask(owner, "holiday.create", { date: "2026-12-25", name: "Christmas" });
    const first = await create();
    expect((await create()).error).toMatchObject({
      code: "conflict",
      message: "That day already has a holiday.",
    });
    await pipeline.ask(owner, "holiday.archive", { id: (first.result as { id: string }).id });
    expect((await create()).status).toBe("completed");
  });
});

describe("a technician", () => {
  it("is changed field by field", async () => {
    const data = { id: technician.id, skills: ["windows", "gutters", "windows"] };
    expect(await act(test.db, updateTechnician, data)).toMatchObject({
      name: "Dana Reed",
      skills: ["windows", "gutters"],
      version: 2,
    });
    const inactive = { id: technician.id, active: false as true };
    expect((await refusal(act(test.db, updateTechnician, inactive))).fields).toMatchObject([
      { path: "data.active" },
    ]);
  });

  it("is archived only without booked visits, and can be restored", async () => {
    const { id, number } = await aVisit("2026-11-24T16:00:00Z");
    const error = await refusal(act(test.db, archiveTechnician, { id: technician.id }));
    expect(error).toMatchObject({
      code: "conflict",
      message: expect.stringContaining(`#${number}`),
      visits: [{ id }],
    });
    const later = new Date(MONDAY_9.getTime() + 7 * 86_400_000);
    expect(await act(test.db, archiveTechnician, { id: technician.id }, later)).toMatchObject({
      active: false,
    });
    expect((await refusal(schedule("2026-11-30T10:00"))).hint).toContain("A person must add a technician");
    await act(test.db, updateTechnician, { id: technician.id, active: true });
    expect(await schedule("2026-11-30T10:00")).toMatchObject({ technician_id: technician.id });
  });
});
