import { scheduleAppointment } from "../../../src/domain/workflow/schedule-appointment.ts";
import { Message } from "../../../src/entities/message.ts";
import { MONDAY_9 } from "../../support/act.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { aTemplate } from "../../support/definitions.ts";
import { aContact, aTechnician, aTicket, theSettings } from "../../support/factories.ts";
import { agent, makePipeline, owner, type Pipeline } from "../../support/pipeline.ts";

let test: TestDatabase;
let pipeline: Pipeline;
let customers = 0;
beforeAll(async () => {
  test = await testDatabase();
  await theSettings(test.db);
  await aTechnician(test.db, { name: "Theo" });
  pipeline = makePipeline(test.db, undefined, { now: MONDAY_9, channels: new Set(["email"]) });
});
afterAll(() => test.drop());

const maria = () => aContact(test.db, { emails: [`maria${++customers}@example.com`] });

/** Books a visit without a confirmation; returns the customer's and its ids. */
async function booked(): Promise<{ customer: string; id: string }> {
  const customer = (await maria()).id;
  const job = await pipeline.ask(agent, `workflow.${scheduleAppointment.name}`, {
    ...{ customer_identifier: customer, requested_date: `2026-11-2${4 + (customers % 3)}` },
    send_confirmation: false,
  });
  return { customer, id: (job.result as { ticket: { id: string } }).ticket.id };
}

const cancel = (id: string, data: object = {}) =>
  pipeline.ask(
    agent,
    "ticket.cancel",
    { id, reason: "Customer is away.", ...data },
    { reasoning: "Asked to." },
  );
const written = (customer_id: string) => test.db.getRepository(Message).findBy({ customer_id });

describe("ticket.cancel", () => {
  it("writes to nobody by default", async () => {
    const { id, customer } = await booked();
    const job = await cancel(id);
    expect(job.result).toMatchObject({ status: "cancelled" });
    expect(job.result).not.toHaveProperty("message");
    expect(job.outcome).toMatch(/^Cancelled: visit #\d+\.$/);
    expect(await written(customer)).toEqual([]);
  });

  it("tells the customer where it is asked to, and says what became of it", async () => {
    const { id, customer } = await booked();
    const job = await cancel(id, { notify_customer: true });
    expect(job.result).toMatchObject({
      status: "cancelled",
      message: { status: "queued", channel: "email", to: `maria${customers}@example.com` },
    });
    expect(job.outcome).toMatch(/^Cancelled: visit #\d+\. A message to the customer goes out in a moment\.$/);
    expect(await written(customer)).toMatchObject([
      {
        ...{ template: "appointment_cancelled", about_id: id, status: "queued" },
        subject: expect.stringMatching(/^Cancelled: your appointment on \w+, November 2\d, 2026 at 8:00 AM$/),
        attachments: [{ kind: "visit_calendar", name: "visit.ics" }],
      },
    ]);
    // Undone before it is sent, nobody is told.
    await pipeline.ask(owner, "job.undo", { job_id: job.id });
    expect(await written(customer)).toEqual([]);
  });

  it("uses the template that a person wrote, or says why not", async () => {
    const own = { name: "appointment_cancelled", channel: "email", subject: "Off", body: "{{why}}" } as const;
    const { id: template } = await aTemplate(test.db, own);
    const { id, customer } = await booked();
    const job = await cancel(id, { notify_customer: true });
    expect(job.result).toMatchObject({ warnings: [expect.stringContaining("appointment_cancelled")] });
    expect(await written(customer)).toMatchObject([{ body: expect.stringContaining("is cancelled") }]);
    await pipeline.ask(owner, "template.archive", { id: template });
  });

  it("tells nobody of a visit that never had a time", async () => {
    const ticket = await aTicket(test.db);
    const job = await cancel(ticket.id, { notify_customer: true });
    expect(job.result).toMatchObject({
      message: { status: "none", reason: "The visit had no time yet." },
    });
    expect(await written(ticket.customer_id)).toEqual([]);
  });

  it("has the same digest each time it is previewed", async () => {
    const { id } = await booked();
    const preview = () =>
      pipeline.ask(agent, "ticket.cancel", { id, notify_customer: true }, { reasoning: "x", dry_run: true });
    const [first, second] = [await preview(), await preview()];
    expect(first.result).toMatchObject({ preview: { messages: [{ attachments: "visit.ics" }] } });
    expect(first.result).toEqual(second.result);
  });

  it("leaves a visit alone that does not exist", async () => {
    const job = await cancel("ticket_01kb2m6x8efh5rt3zqk9w7ycd4", { notify_customer: true });
    expect(job.error).toMatchObject({ code: "not_found" });
  });
});
