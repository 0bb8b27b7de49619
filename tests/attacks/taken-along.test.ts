import type { TestDatabase } from "../support/database.ts";
import { aContact } from "../support/factories.ts";
import { agent, type Pipeline, testPipeline } from "../support/pipeline.ts";

let test: TestDatabase;
let pipeline: Pipeline;
beforeEach(async () => void ({ test, pipeline } = await testPipeline()));
afterEach(() => test.drop());

describe("an agent that puts leads under a throwaway customer and deletes it", () => {
  const deleteWithLeads = async (count: number) => {
    const { id } = await aContact(test.db, { name: "Trash can" });
    for (let nth = 0; nth < count; nth++) {
      const lead = await pipeline.ask(agent, "lead.create", { name: `Lead ${nth}`, raw_notes: "Called." });
      const moved = { id: (lead.result as { id: string }).id, customer_id: id };
      expect((await pipeline.ask(agent, "lead.update", moved)).status).toBe("completed");
    }
    return pipeline.ask(agent, "contact.delete", { id });
  };

  it("needs a person where that takes more records than it may remove", async () => {
    const job = await deleteWithLeads(8);
    expect(job.status).toBe("authorization_required");
    expect((await pipeline.question(job)).reason).toMatch(/^9 records removed by agents within/);
  });

  it("needs none for as many as it may remove", async () => {
    expect((await deleteWithLeads(4)).status).toBe("completed");
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
