import { z } from "zod";
import { type Action, defineAction } from "../../../src/domain/core/action.ts";
import { idOf } from "../../../src/domain/core/ids.ts";
import { scheduleAppointment } from "../../../src/domain/workflow/schedule-appointment.ts";
import { Message } from "../../../src/entities/message.ts";
import { Ticket } from "../../../src/entities/ticket.ts";
import { MONDAY_9 } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aContact, aTechnician, theSettings } from "../../support/factories.ts";
import { agent, makePipeline, type Pipeline } from "../../support/pipeline.ts";
import { withActions } from "../../support/probe-actions.ts";

/** Books and confirms a visit, which needs a person here, and writes down its number and id. */
const bookLoudly = defineAction({
  domain: "probe",
  name: "book_loudly",
  summary: "Only for tests: books a visit with a confirmation, and always needs a person.",
  permission: "requires_authorization",
  input: z.strictObject({ id: idOf("contact") }),
  example: { id: "contact_01kb2m6x8efh5rt3zqk9w7ycd4" },
  targets: ({ id }) => [id],
  async handler(context, { id }) {
    const asked = { customer_identifier: id, requested_date: "2026-11-24", requested_time: "10:00" };
    const { ticket } = await context.call(scheduleAppointment, asked);
    await context.db.update(Ticket, { id: ticket.id }, { notes: `Visit #${ticket.number}, ${ticket.id}` });
    return ticket;
  },
});

describe("a parked request whose texts hold links, numbers and ids of new rows", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  beforeAll(async () => {
    test = await testDatabase();
    pipeline = makePipeline(test.db, withActions(bookLoudly as unknown as Action), { now: MONDAY_9 }); // Its input type is erased.
    await theSettings(test.db);
    await aTechnician(test.db);
  });
  afterAll(() => test.drop());

  it("shows placeholders, and runs once it is approved", async () => {
    const { id } = await aContact(test.db, { emails: ["maria@example.com"] });
    const job = await pipeline.ask(agent, "probe.book_loudly", { id });
    const { preview } = await pipeline.question(job);
    expect(preview.messages).toMatchObject([
      { body: expect.stringContaining("/visit/new:ticket:1:visit_token") },
    ]);
    const notes = preview.changes.find(({ record }) => record === "ticket")?.after?.["notes"];
    expect(notes).toBe("Visit #new:ticket:1, new:ticket:1");
    expect(await pipeline.answer(job)).toMatchObject({ status: "completed" });
    const ticket = await test.db.getRepository(Ticket).findOneByOrFail({ customer_id: id });
    const { body } = await test.db.getRepository(Message).findOneByOrFail({ customer_id: id });
    expect(body).toContain(`/visit/${ticket.visit_token}`);
  });
});
