import { Message } from "../../../src/entities/message.ts";
import { MONDAY_9 } from "../../support/act.ts";
import type { TestDatabase } from "../../support/database.ts";
import { aContact, anAddress, aTechnician } from "../../support/factories.ts";
import { agent, makePipeline, type Pipeline, testPipeline } from "../../support/pipeline.ts";
import { testRegistry } from "../../support/probe-actions.ts";
import { visitsOf } from "./planning.ts";

let test: TestDatabase;
let pipeline: Pipeline;
beforeAll(async () => {
  ({ test } = await testPipeline());
  const channels = new Set(["email"] as const);
  pipeline = makePipeline(test.db, testRegistry, { now: MONDAY_9, channels });
  await aTechnician(test.db);
});
afterAll(() => test.drop());

const create = (customer_id: string, more: object = {}) =>
  pipeline.ask(agent, "plan.create", {
    ...{ customer_id, rule: "every Tuesday", time: "09:00", first_day: "2026-11-24" },
    ...more,
  });
const messagesTo = (customer_id: string) => test.db.getRepository(Message).findBy({ customer_id });
const customer = () => aContact(test.db, { emails: ["maria@example.com"] });

describe("plan.create", () => {
  it("writes to nobody by default", async () => {
    const { id } = await customer();
    const made = await create(id);
    expect(made.result).not.toHaveProperty("message");
    expect(await messagesTo(id)).toEqual([]);
  });

  it("tells the customer once with notify_customer, with a link to each of the next visits", async () => {
    const { id } = await customer();
    const made = await create(id, { notify_customer: true, time: "11:00" });
    expect(made).toMatchObject({
      result: { message: { status: "queued", to: "maria@example.com" } },
      outcome: expect.stringMatching(/A message to the customer goes out in a moment\.$/),
    });
    const [message, ...others] = await messagesTo(id);
    expect(others).toEqual([]);
    expect(message).toMatchObject({ template: "plan_confirmation", subject: "Your regular appointments" });
    const { id: plan } = made.result as { id: string };
    for (const { visit_token } of (await visitsOf(test.db, plan)).slice(0, 5))
      expect(message?.body).toContain(`/visit/${visit_token}`);
    expect(JSON.stringify(made.result)).not.toContain("/visit/");
  });

  it("refuses an equal plan of the same customer, names it and writes nothing", async () => {
    const { id } = await customer();
    const first = (await create(id, { time: "13:00" })).result as { id: string };
    expect(await create(id, { time: "15:00" })).toMatchObject({ status: "completed" });
    const before = await test.db.query("SELECT count(*) FROM ticket");
    expect(await create(id, { time: "13:00" })).toMatchObject({
      status: "failed",
      error: {
        code: "conflict",
        message: expect.stringContaining(`an equal plan already: ${first.id} (every Tuesday`),
        hint: expect.stringContaining("allow_duplicate: true"),
      },
    });
    expect(await test.db.query("SELECT count(*) FROM ticket")).toEqual(before);
    const { id: address_id } = await anAddress(test.db, { contact_id: id });
    const atHome = await create(id, { time: "13:00", address_id });
    expect(atHome).toMatchObject({ status: "failed", error: { code: "conflict" } }); // The first may be for it.
    const insisted = await create(id, { time: "13:00", allow_duplicate: true });
    expect(insisted).toMatchObject({ status: "completed" });
    await create(id, { time: "14:00", address_id });
    const { id: cabin } = await anAddress(test.db, { contact_id: id, lines: ["9 Lake Road"] });
    expect(await create(id, { time: "14:00", address_id: cabin })).toMatchObject({ status: "completed" });
  });
});
