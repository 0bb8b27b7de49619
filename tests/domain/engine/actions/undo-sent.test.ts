import { Message } from "../../../../src/entities/message.ts";
import type { TestDatabase } from "../../../support/database.ts";
import { aContact } from "../../../support/factories.ts";
import {
  agent,
  type JobRow,
  makePipeline,
  type Pipeline,
  system,
  testPipeline,
} from "../../../support/pipeline.ts";

describe("an undo of messages", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  beforeAll(async () => {
    ({ test } = await testPipeline());
    pipeline = makePipeline(test.db, undefined, { channels: new Set(["email" as const]) });
  });
  afterAll(() => test.drop());

  const written = async (count: number): Promise<{ job: JobRow; ids: string[] }> => {
    const { id } = await aContact(test.db, { emails: ["ann@example.com"] });
    const job = await pipeline.ask(agent, "probe.write", { id, count });
    const ids = (job.result as Message[]).map((message) => message.id);
    return { job, ids };
  };
  const sent = async (id: string | undefined) => {
    for (const status of ["sending", "sent"])
      expect(await pipeline.ask(system, "message.mark", { id, status })).toMatchObject({
        result: { status },
      });
  };
  const undo = (job: JobRow, rest?: object) => pipeline.ask(agent, "job.undo", { job_id: job.id }, rest);

  it("takes back those that were not handed over, as message.cancel, which counts", async () => {
    const { job, ids } = await written(2);
    const undone = await undo(job);
    expect(undone).toMatchObject({
      status: "completed",
      result: { records: 2 },
      outcome: "Undone: probe.write.",
    });
    expect([...undone.hits].sort()).toEqual([...ids].sort());
  });

  it("leaves those that were sent, names them, and counts only the others", async () => {
    const { job, ids } = await written(2);
    await sent(ids[0]);
    const undone = await undo(job);
    expect(undone).toMatchObject({
      status: "completed",
      hits: [ids[1]],
      result: { records: 1, sent: [ids[0]] },
      outcome: expect.stringContaining(`Already sent, and cannot be taken back: ${ids[0]}`),
    });
    expect(await test.db.manager.existsBy(Message, { id: ids[0] ?? "" })).toBe(true);
    expect(await test.db.manager.existsBy(Message, { id: ids[1] ?? "" })).toBe(false);
  });
});
