import { Ticket } from "../../../src/entities/ticket.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aContact, aTechnician, aTicket, theSettings } from "../../support/factories.ts";
import { agent, makePipeline } from "../../support/pipeline.ts";
import { testRegistry } from "../../support/probe-actions.ts";

// In Chicago, one second before midnight of Thursday and six seconds after it.
const BEFORE_MIDNIGHT = new Date("2026-01-16T05:59:59Z");
const AFTER_MIDNIGHT = new Date("2026-01-16T06:00:05Z");

describe("handle_reschedule_request at 23:59:59, answered after midnight", () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await testDatabase();
    await theSettings(test.db);
  });
  afterAll(() => test.drop());

  it("moves to the day that was tomorrow when it was asked", async () => {
    const { id: technician_id } = await aTechnician(test.db);
    const { id: customer_id } = await aContact(test.db, { name: "Maria Garcia" });
    const { id } = await aTicket(test.db, {
      ...{ customer_id, technician_id, status: "scheduled" },
      ...{ window_start: new Date("2026-01-20T21:30:00Z"), window_end: new Date("2026-01-20T22:30:00Z") },
    });
    const asked = { ticket_id: id, new_date: "tomorrow", new_time: "afternoon" };
    const before = makePipeline(test.db, testRegistry, { now: BEFORE_MIDNIGHT });
    const after = makePipeline(test.db, testRegistry, { now: AFTER_MIDNIGHT });
    const job = await before.submit(agent, "workflow.handle_reschedule_request", asked);
    await after.run(job);
    expect(await after.job(job)).toMatchObject({
      status: "completed",
      result: { new: { when: { local: "Friday, January 16, 2026 at 12:00 PM", weekday: "Friday" } } },
    });
    const moved = await test.db.getRepository(Ticket).findOneByOrFail({ rescheduled_from_id: id });
    expect(moved.window_start).toEqual(new Date("2026-01-16T18:00:00Z"));
  });
});
