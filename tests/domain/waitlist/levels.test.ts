import { customerOf } from "../../../src/domain/core/principal.ts";
import { MONDAY_9 } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aContact, aTechnician, aTicket, aWaitlistEntry, theSettings } from "../../support/factories.ts";
import { agent, makePipeline, type Pipeline } from "../../support/pipeline.ts";
import { testRegistry } from "../../support/probe-actions.ts";

let test: TestDatabase;
let pipeline: Pipeline;
beforeAll(async () => {
  test = await testDatabase();
  pipeline = makePipeline(test.db, testRegistry, { now: MONDAY_9, channels: new Set(["email"] as const) });
  await theSettings(test.db);
});
afterAll(() => test.drop());

/** Three who want an earlier visit than they have, with an address to write to. */
const threeWaiting = async () => {
  const entries: string[] = [];
  for (const name of ["anna", "ben", "cleo"]) {
    const { id: customer_id } = await aContact(test.db, { emails: [`${name}@example.com`] });
    const window = {
      window_start: new Date("2026-11-26T18:00:00Z"),
      window_end: new Date("2026-11-26T19:00:00Z"),
    };
    const ticket = await aTicket(test.db, { customer_id, status: "scheduled", ...window });
    entries.push((await aWaitlistEntry(test.db, { customer_id, ticket_id: ticket.id })).id);
  }
  return entries;
};

describe("from an agent's offer to a booking, nobody is asked", () => {
  let ids: string[];
  beforeEach(async () => {
    const { id: technician_id } = await aTechnician(test.db);
    ids = await threeWaiting();
    const asked = { ids, window_start: "2026-11-24T10:00", technician_id };
    expect(await pipeline.ask(agent, "waitlist.offer", asked, {})).toMatchObject({
      ...{ status: "completed", level: "unrestricted", error: null },
    });
  });

  it("where a customer takes the time and the others are told", async () => {
    const [first = ""] = ids;
    const done = await pipeline.ask(customerOf(first), "waitlist.accept", { id: first }, {});
    expect(done).toMatchObject({ status: "completed", result: { status: "booked" } });
  });

  it("where the agent books for one of them", async () => {
    const done = await pipeline.ask(agent, "waitlist.book", { id: ids[1] }, {});
    expect(done).toMatchObject({ status: "completed", error: null });
  });

  it("and a customer's link is for no other entry", async () => {
    const [first = "", second = ""] = ids;
    expect(await pipeline.ask(customerOf(first), "waitlist.accept", { id: second }, {})).toMatchObject({
      status: "failed",
      error: { code: "forbidden", message: "This link is for another record." },
    });
  });
});
