import { Contact } from "../../../src/entities/contact.ts";
import { Ticket } from "../../../src/entities/ticket.ts";
import type { TestDatabase } from "../../support/database.ts";
import { aContact, aTicket } from "../../support/factories.ts";
import { agent, otherAgent, type Pipeline, testPipeline } from "../../support/pipeline.ts";

describe("two updates of one record at once", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  beforeAll(async () => void ({ test, pipeline } = await testPipeline()));
  afterAll(() => test.drop());

  const ROUNDS = 10;
  const both = async (action: string, one: object, other: object) =>
    Promise.all([pipeline.ask(agent, action, one), pipeline.ask(otherAgent, action, other)]);

  it("of different fields are both kept", async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { id } = await aContact(test.db);
      const jobs = await both("contact.update", { id, notes: "new" }, { id, tags: ["new"] });
      expect(jobs.map(({ status }) => status)).toEqual(["completed", "completed"]);
      const kept = { notes: "new", tags: ["new"], version: 3 };
      expect(await test.db.getRepository(Contact).findOneByOrFail({ id })).toMatchObject(kept);

      const visit = (await aTicket(test.db)).id;
      const changed = { id: visit, duration_minutes: 75 };
      await both("ticket.update", { id: visit, notes: "new" }, changed);
      expect(await test.db.getRepository(Ticket).findOneByOrFail({ id: visit })).toMatchObject({
        ...{ ...changed, notes: "new", version: 3 },
      });
    }
  });

  it("of the same version succeed once, and the other gets a conflict", async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { id } = await aContact(test.db);
      const jobs = await both(
        "contact.update",
        { id, version: 1, notes: "a" },
        { id, version: 1, tags: ["a"] },
      );
      expect(jobs.map(({ status }) => status).sort()).toEqual(["completed", "failed"]);
      const refused = jobs.find(({ status }) => status === "failed");
      expect(refused?.error).toMatchObject({ code: "conflict", version: 2 });
    }
  });
});
