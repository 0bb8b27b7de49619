import { type TestDatabase, testDatabase } from "../../../support/database.ts";
import { aContact, anInvoice, aTechnician, theSettings } from "../../../support/factories.ts";
import { elevenMinutesLater } from "../../../support/flush-queue.ts";
import { agent, type JobRow, makePipeline, owner, type Pipeline } from "../../../support/pipeline.ts";

describe("an undo that brings a visit back", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  beforeAll(async () => {
    test = await testDatabase();
    pipeline = makePipeline(test.db);
    await theSettings(test.db, { travel_buffer_minutes: 0, timezone: "UTC" });
  });
  afterAll(() => test.drop());
  beforeEach(() => elevenMinutesLater({ databaseUrl: test.url }));

  const undo = (job: JobRow) => pipeline.ask(agent, "job.undo", { job_id: job.id });
  const id = (job: JobRow) => (job.result as { id: string }).id;
  const done = async (action: string, data: object, actor = agent): Promise<JobRow> => {
    const job = await pipeline.ask(actor, action, data);
    expect(job).toMatchObject({ status: "completed", error: null });
    return job;
  };

  const window_start = "2031-01-06T10:00";
  const cancelled = async () => {
    const technician = await aTechnician(test.db, { name: "Tom" });
    const customer = await aContact(test.db, { name: "Wilson" });
    const visit = await done("ticket.create", {
      ...{ customer_id: customer.id, technician_id: technician.id, window_start },
    });
    const job = await done("ticket.cancel", { id: id(visit) });
    return { technician, customer, visit, job };
  };
  const refused = async (job: JobRow, message: string, moved: JobRow, record: string) =>
    expect(await undo(job)).toMatchObject({
      status: "failed",
      error: { code: "conflict", message: expect.stringContaining(message), record, job_id: moved.id },
    });

  it("is done if nothing has moved on", async () => {
    const { job, visit } = await cancelled();
    expect(await undo(job)).toMatchObject({ status: "completed", hits: [] });
    expect(await test.db.query("SELECT status FROM ticket WHERE id = $1", [id(visit)])).toEqual([
      { status: "scheduled" },
    ]);
  });

  it("is refused where the technician has left", async () => {
    const { job, technician } = await cancelled();
    const left = await done("technician.archive", { id: technician.id }, owner);
    await refused(job, "Tom is not active", left, technician.id);
  });

  it("is refused where the technician is off", async () => {
    const { job, technician } = await cancelled();
    const off = { id: technician.id, from: "2031-01-06", to: "2031-01-07" };
    await refused(job, "Tom is off", await done("technician.time_off", off, owner), technician.id);
  });

  it("is refused where the customer was archived", async () => {
    const { job, customer } = await cancelled();
    const archived = await done("contact.archive", { id: customer.id });
    await refused(job, "Wilson is archived", archived, customer.id);
  });

  it("is refused where another visit has the time", async () => {
    const { job, technician, customer } = await cancelled();
    const other = await done("ticket.create", {
      ...{ customer_id: customer.id, technician_id: technician.id, window_start },
    });
    await refused(job, "takes up that time", other, id(other));
  });

  it("is refused on a holiday that was added since", async () => {
    const { job } = await cancelled();
    const added = await done("holiday.create", { date: "2031-01-06", name: "Epiphany" }, owner);
    await refused(job, "The business is closed on Monday, January 6, 2031 (Epiphany)", added, id(added));
    await done("holiday.archive", { id: id(added) }, owner);
  });

  it("is refused for a completed visit that is on an invoice by now", async () => {
    const { id: customer_id } = await aContact(test.db);
    const ticket = { id: id(await done("ticket.create", { customer_id })) };
    await done("ticket.start", ticket);
    const completed = await done("ticket.complete", ticket);
    const invoice = await anInvoice(test.db, { customer_id, ticket_id: ticket.id, status: "open" });
    expect(await undo(completed)).toMatchObject({ error: { code: "conflict", record: invoice.id } });
  });
});
