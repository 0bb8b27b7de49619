import { decide } from "../../../../src/domain/engine/authorization/decide.ts";
import { withdraw } from "../../../../src/domain/engine/authorization/withdraw.ts";
import type { JobStatus } from "../../../../src/entities/job.ts";
import { rows } from "../../../../src/database/sql.ts";
import { type TestDatabase, testDatabase } from "../../../support/database.ts";
import { aContact } from "../../../support/factories.ts";
import { asOwner } from "../../../support/flush-queue.ts";
import { agent, type JobRow, makePipeline, owner, type Pipeline } from "../../../support/pipeline.ts";

describe("an authorization", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  let id: string;
  beforeAll(async () => {
    test = await testDatabase();
    pipeline = makePipeline(test.db);
  });
  afterAll(() => test.drop());
  beforeEach(async () => {
    ({ id } = await aContact(test.db));
  });

  const parked = () => pipeline.ask(agent, "probe.swear", { id });
  const endAs = (job: JobRow, status: JobStatus) =>
    rows(test.db.manager, "UPDATE job SET status = $2, finished_at = clock_timestamp() WHERE id = $1", [
      job.id,
      status,
    ]);
  /** As if a worker whose clock is far ahead had made the id: it sorts behind all others. */
  const makeIdNewest = (authorizationId: string) =>
    asOwner(
      test.url,
      `SET session_replication_role = replica;
       UPDATE "authorization" SET id = 'auth_7zzzzzzzzzzzzzzzzzzzzzzzzz' WHERE id = '${authorizationId}'`,
    );

  it.each([
    ["failed", "withdrawn"],
    ["completed", "withdrawn"],
    ["withdrawn", "withdrawn"],
    ["expired", "expired"],
  ] as const)("that is pending is closed when its job ends as %s", async (status, closed) => {
    const job = await parked();
    await endAs(job, status);
    expect(await pipeline.question(job)).toMatchObject({ status: closed });
    await expect(pipeline.answer(job)).rejects.toMatchObject({
      code: "conflict",
      body: { winner: { status: closed } },
    });
  });

  it("of a job that has ended is refused with 409 even where it is still pending, as in an old backup", async () => {
    const job = await parked();
    await asOwner(
      test.url,
      `SET session_replication_role = replica;
       UPDATE job SET status = 'withdrawn', finished_at = now() WHERE id = '${job.id}'`,
    );
    const decision = decide(test.db, owner, { id: job.queue_id ?? "", decision: "authorized" });
    await expect(decision).rejects.toMatchObject({
      code: "conflict",
      body: { winner: { status: "withdrawn", decided_at: expect.any(String) } },
    });
    expect(await pipeline.question(job)).toMatchObject({ status: "pending" });
  });

  it("that waits is the job's one, also where an earlier one has an id of a later time", async () => {
    const { id: jobId, queue_id } = await pipeline.ask(agent, "probe.plant", { id });
    await pipeline.ask(owner, "probe.note", { id, notes: "meanwhile" });
    const again = await pipeline.answer(await pipeline.job(jobId));
    await makeIdNewest(queue_id ?? "");
    const job = await pipeline.job(jobId);
    expect(job).toMatchObject({ queue_id: again.queue_id, auth_status: "pending" });
    await withdraw(test.db, agent, jobId);
    expect(await pipeline.question(again)).toMatchObject({ status: "withdrawn" });
    expect(await pipeline.job(jobId)).toMatchObject({ status: "withdrawn", auth_status: "withdrawn" });
  });
});
