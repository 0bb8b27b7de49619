import { decide } from "../../../../src/domain/engine/authorization/decide.ts";
import { withdraw } from "../../../../src/domain/engine/authorization/withdraw.ts";
import { newId } from "../../../../src/domain/core/ids.ts";
import { Contact } from "../../../../src/entities/contact.ts";
import type { TestDatabase } from "../../../support/database.ts";
import { aContact } from "../../../support/factories.ts";
import { agent, otherAgent, owner, type Pipeline, testPipeline } from "../../../support/pipeline.ts";

describe("a request can be withdrawn", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  let id: string;
  beforeAll(async () => void ({ test, pipeline } = await testPipeline()));
  afterAll(() => test.drop());
  beforeEach(async () => {
    ({ id } = await aContact(test.db));
  });

  const notes = async () => (await test.db.manager.findOneByOrFail(Contact, { id })).notes;

  it("while it is queued, and then never runs", async () => {
    const job = await pipeline.submit(agent, "probe.note", { id });
    await withdraw(test.db, agent, job);
    expect(await pipeline.run(job)).toEqual({ kind: "absent" });
    expect(await pipeline.job(job)).toMatchObject({ status: "withdrawn", finished_at: expect.any(Date) });
    expect(await notes()).toBeNull();
  });

  it("while it waits for a person, whose decision is then refused", async () => {
    const job = await pipeline.ask(agent, "probe.swear", { id });
    await withdraw(test.db, agent, job.id);
    expect(await pipeline.job(job.id)).toMatchObject({ status: "withdrawn", auth_status: "withdrawn" });
    await expect(pipeline.answer(job)).rejects.toMatchObject({
      code: "conflict",
      body: { winner: { status: "withdrawn" } },
    });
    expect(await notes()).toBeNull();
  });

  it("not once a person has allowed it, nor after it has ended", async () => {
    const job = await pipeline.ask(agent, "probe.swear", { id });
    await decide(test.db, owner, { id: job.queue_id ?? "", decision: "authorized" });
    await expect(withdraw(test.db, agent, job.id)).rejects.toMatchObject({ code: "conflict" });
    await pipeline.run(job.id);
    await expect(withdraw(test.db, agent, job.id)).rejects.toMatchObject({ code: "conflict" });
    expect(await pipeline.job(job.id)).toMatchObject({ status: "completed", auth_status: "authorized" });
  });

  it("also after its authorization was superseded", async () => {
    const job = await pipeline.ask(agent, "probe.plant", { id });
    await pipeline.ask(owner, "probe.note", { id, notes: "meanwhile" });
    const again = await pipeline.answer(job);
    await withdraw(test.db, agent, job.id);
    expect((await pipeline.question(job)).status).toBe("superseded");
    expect((await pipeline.question(again)).status).toBe("withdrawn");
  });

  it("only by its requester", async () => {
    const { id: job } = await pipeline.ask(agent, "probe.swear", { id });
    await expect(withdraw(test.db, otherAgent, job)).rejects.toMatchObject({ code: "not_found" });
    await expect(withdraw(test.db, owner, job)).rejects.toMatchObject({ code: "forbidden" });
    await expect(withdraw(test.db, agent, newId("job"))).rejects.toMatchObject({ code: "not_found" });
    expect(await pipeline.job(job)).toMatchObject({ status: "authorization_required" });
  });

  it("or allowed, never both, when both happen at once", async () => {
    for (let round = 0; round < 5; round++) {
      const { id: contact } = await aContact(test.db);
      const job = await pipeline.ask(agent, "probe.swear", { id: contact });
      const [taken, allowed] = await Promise.allSettled([
        withdraw(test.db, agent, job.id),
        pipeline.answer(job),
      ]);
      expect([taken.status, allowed.status].sort()).toEqual(["fulfilled", "rejected"]);
      const withdrawn = taken.status === "fulfilled";
      expect((await pipeline.job(job.id)).status).toBe(withdrawn ? "withdrawn" : "completed");
      expect(await pipeline.changes(job)).toHaveLength(withdrawn ? 0 : 1);
    }
  });
});
