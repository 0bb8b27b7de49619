import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aContact, aTechnician, aTicket, theSettings } from "../../support/factories.ts";
import { agent, makePipeline, type Pipeline } from "../../support/pipeline.ts";

let test: TestDatabase;
let pipeline: Pipeline;
beforeAll(async () => {
  test = await testDatabase();
  await theSettings(test.db);
  await aTechnician(test.db);
  pipeline = makePipeline(test.db);
});
afterAll(() => test.drop());

const customer = async () => (await aContact(test.db, { emails: ["maria@example.com"] })).id;
const ask = (key: string, data: object, reasoning?: string) =>
  pipeline.ask(agent, key, data, reasoning ? { reasoning } : {});

describe("an agent's undo", () => {
  it("of schedule_appointment is judged as ticket.cancel", async () => {
    const data = { customer_identifier: await customer(), requested_date: "2031-01-07" };
    const done = await ask("workflow.schedule_appointment", data);
    expect(done).toMatchObject({ status: "completed" });
    expect(await ask("job.undo", { job_id: done.id })).toMatchObject({
      ...{ status: "failed", error: { code: "reasoning_required" } },
    });
    expect(await ask("job.undo", { job_id: done.id }, "They called.")).toMatchObject({ status: "completed" });
  });

  it("of a reschedule is judged as ticket.reschedule: it needs no reason, and the visit is back", async () => {
    const { id } = await aTicket(test.db, { status: "scheduled", customer_id: await customer() });
    const done = await ask("ticket.reschedule", { id, window_start: "2031-01-08T10:00" });
    expect(done).toMatchObject({ status: "completed" });
    expect(await ask("job.undo", { job_id: done.id })).toMatchObject({ status: "completed", error: null });
    const [ticket] = await test.db.query("SELECT status FROM ticket WHERE id = $1", [id]);
    expect(ticket).toEqual({ status: "scheduled" });
  });
});
