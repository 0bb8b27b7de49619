import { LineItem } from "../../../src/entities/line-item.ts";
import { Message } from "../../../src/entities/message.ts";
import { Ticket } from "../../../src/entities/ticket.ts";
import { MONDAY_9 } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aContact, aTechnician, theSettings } from "../../support/factories.ts";
import { customerOf } from "../../../src/domain/core/principal.ts";
import { agent, makePipeline, type Pipeline } from "../../support/pipeline.ts";
import { testRegistry } from "../../support/probe-actions.ts";
import { makePlan, visitsOf } from "./planning.ts";

let test: TestDatabase;
let pipeline: Pipeline;
let customer_id: string;
let id: string;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.drop());
beforeEach(async () => {
  await test.clear();
  await theSettings(test.db, { plan_horizon_days: 21 });
  customer_id = (await aContact(test.db, { emails: ["maria@example.com"] })).id;
  await aTechnician(test.db);
  pipeline = makePipeline(test.db, testRegistry, { now: MONDAY_9 });
  ({ id } = await makePlan(test.db, { customer_id, notes: "Ring twice." }));
});

const ask = (action: string, data: object, rest?: object) => pipeline.ask(agent, action, data, rest);
const change = (data: object, rest?: object) => ask("plan.update", { id, ...data }, rest);
const visits = () => visitsOf(test.db, id);

describe("plan.update keeps", () => {
  it("what somebody wrote on a single visit, and names the visit", async () => {
    const [first, second] = await visits();
    const extra = { description: "Gutter, agreed by phone", unit_price_cents: 12_345 };
    await ask("ticket.add_line_item", { id: first?.id, ...extra });
    await ask("ticket.update", { id: first?.id, notes: "This time: back gate." });
    const line_items = [{ description: "Windows, all", unit_price_cents: 5_000 }];
    const { result } = await change({ notes: "Ring once.", line_items });
    expect(result).toMatchObject({ hints: [`Visit #${first?.number} keeps its own notes, work.`] });
    expect((await visits()).map(({ notes }) => notes).slice(0, 2)).toEqual([
      "This time: back gate.",
      "Ring once.",
    ]);
    const linesOf = async (ticket_id = "") =>
      (await test.db.getRepository(LineItem).findBy({ ticket_id })).map(({ description }) => description);
    expect(await linesOf(first?.id)).toContain("Gutter, agreed by phone");
    expect(await linesOf(second?.id)).toEqual(["Windows, all"]);
  });

  it("a customer's confirmation only while the time stays", async () => {
    const [visit] = await visits();
    const confirmed = async () =>
      (await test.db.getRepository(Ticket).findOneByOrFail({ id: visit?.id ?? "" })).confirmed_at;
    await pipeline.ask(customerOf(visit?.id ?? ""), "ticket.confirm", { id: visit?.id });
    await change({ notes: "Ring once." });
    expect(await confirmed()).not.toBeNull();
    await change({ time: "14:00" });
    expect(await confirmed()).toBeNull();
  });

  it("quiet where nothing changes", async () => {
    await change({ time: "9am", rule: "every Tuesday" });
    expect(await test.db.getRepository(Message).findBy({ customer_id })).toEqual([]);
  });
});

describe("an end by plan.update", () => {
  it("is judged as plan.end where it is earlier than before, and not where it is later", async () => {
    expect(await change({ ends_on: "2027-01-31" }, {})).toMatchObject({
      status: "failed",
      error: { code: "reasoning_required" },
    });
    expect(await change({ ends_on: "2027-01-31" })).toMatchObject({ status: "completed" });
    expect(await change({ ends_on: "2027-02-28" }, {})).toMatchObject({ status: "completed" });
    expect(await change({ ends_on: null }, {})).toMatchObject({ status: "completed" });
  });

  it.each([
    ["2026-11-22", "is in the past; today is 2026-11-23"],
    ["2026-11-23", "is before the first day, 2026-11-24"],
  ])("is refused on %s", async (ends_on, message) => {
    expect((await change({ ends_on })).error).toMatchObject({ fields: [{ path: "data.ends_on", message }] });
  });
});

it("plan.create names the field of a technician who does not exist", async () => {
  const technician_id = "technician_01kb2m6x8efh5rt3zqk9w7ycd4";
  const asked = { customer_id, rule: "weekly", time: "10:00", first_day: "2026-12-01", technician_id };
  expect((await ask("plan.create", asked)).error).toMatchObject({ code: "not_found" });
});
