import type { TestDatabase } from "../support/database.ts";
import { aContact, aTicket, theSettings } from "../support/factories.ts";
import { agent, type Pipeline, testPipeline } from "../support/pipeline.ts";

let test: TestDatabase;
let pipeline: Pipeline;
beforeAll(async () => void ({ test, pipeline } = await testPipeline()));
afterAll(() => test.drop());
beforeEach(async () => {
  await test.clear();
  await theSettings(test.db);
});

describe("an agent that puts leads under a throwaway customer and deletes it", () => {
  const trashCan = async (count: number) => {
    const { id } = await aContact(test.db, { name: "Trash can" });
    for (let nth = 0; nth < count; nth++) {
      const lead = await pipeline.ask(agent, "lead.create", { name: `Lead ${nth}`, raw_notes: "Called." });
      const moved = { id: (lead.result as { id: string }).id, customer_id: id };
      expect((await pipeline.ask(agent, "lead.update", moved)).status).toBe("completed");
    }
    return id;
  };
  const REMOVAL: [string, (id: string) => object][] = [
    ["contact.delete", (id) => ({ id })],
    ["contact.bulk_delete", (id) => ({ ids: [id] })],
  ];

  describe.each(REMOVAL)("by %s", (action, data) => {
    const remove = async (count: number, rest?: object) =>
      pipeline.ask(agent, action, data(await trashCan(count)), rest);

    it("needs a person where that takes more records than it may remove", async () => {
      const job = await remove(8);
      expect(job.status).toBe("authorization_required");
      expect((await pipeline.question(job)).reason).toMatch(/^9 records removed by agents within/);
      const removes = await pipeline.answer(job, { upgrade_permission: true });
      expect(removes.status).toBe("completed");
      expect(await test.db.query("SELECT action FROM rule")).toEqual([{ action }]);
    });

    it("needs reasoning for one lead, as lead.archive does", async () => {
      expect(await remove(1, {})).toMatchObject({ status: "failed", error: { code: "reasoning_required" } });
      expect(await remove(1)).toMatchObject({ status: "completed", level: "soft_limit" });
    });

    it("needs neither where no lead goes along", async () => {
      expect(await remove(0, {})).toMatchObject({ status: "completed", level: "unrestricted" });
    });
  });

  it("needs no person for as many as it may remove", async () => {
    const id = await trashCan(4);
    expect((await pipeline.ask(agent, "contact.delete", { id })).status).toBe("completed");
  });

  it("needs a person in spite of a rule for customers with history: it is about the history alone", async () => {
    const { customer_id } = await aTicket(test.db);
    const first = await pipeline.ask(agent, "contact.delete", { id: customer_id });
    await pipeline.answer(first, { upgrade_permission: true });
    const id = await trashCan(8);
    await pipeline.ask(agent, "message.log_inbound", { customer_id: id, body: "Hello" });
    const job = await pipeline.ask(agent, "contact.delete", { id });
    expect(job.status).toBe("authorization_required");
    const { reason } = await pipeline.question(job);
    expect(reason).toMatch(/^Customer has 1 message; 9 records removed by agents within/);
  });

  it("gives no second reason for visits: the facts name them, and later requests count them", async () => {
    const { customer_id } = await aTicket(test.db);
    for (let nth = 0; nth < 5; nth++) await aTicket(test.db, { customer_id });
    const job = await pipeline.ask(agent, "contact.delete", { id: customer_id });
    expect((await pipeline.question(job)).reason).toBe("Customer has 6 tickets");
    const done = await pipeline.answer(job);
    expect(done.hits).toHaveLength(7);
  });
});

describe("an agent that brings back a customer with an opt-out and undoes that", () => {
  it("needs a person, as for an update that takes the opt-out away", async () => {
    const { id } = await aContact(test.db, { emails: ["m@example.com"] });
    await pipeline.ask(agent, "contact.archive", { id });
    const change = { id, active: true, do_not_contact: true };
    const back = await pipeline.ask(agent, "contact.update", change);
    expect(back.status).toBe("completed");
    const undo = await pipeline.ask(agent, "job.undo", { job_id: back.id });
    expect(undo.status).toBe("authorization_required");
    expect((await pipeline.question(undo)).reason).toMatch(/not to be contacted/);
  });
});
