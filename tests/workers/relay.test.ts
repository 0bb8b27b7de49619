import { rows } from "../../src/database/sql.ts";
import { type Backend, dispatchId, type JobQueue } from "../../src/queue/index.ts";
import { makeRelay, type Relay } from "../../src/workers/relay.ts";
import { eachBackend } from "../support/backends.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { aTicket, theSettings } from "../support/factories.ts";
import { asOwner } from "../support/flush-queue.ts";
import { agent, makePipeline, owner, type Pipeline } from "../support/pipeline.ts";
import { decide } from "../../src/domain/engine/authorization/decide.ts";

const HOUR_MS = 3_600_000;

eachBackend("a sweep of the relay", (backend) => {
  let test: TestDatabase;
  let queues: Backend;
  let actions: JobQueue;
  let awaiting: JobQueue;
  let pipeline: Pipeline;
  let relay: Relay;
  beforeAll(async () => {
    test = await testDatabase();
    await theSettings(test.db);
    queues = await backend.connect(test.url);
    [actions, awaiting] = [queues.queue("actions"), queues.queue("awaiting-authorization")];
    pipeline = makePipeline(test.db);
    // Its interval is half an hour, so it sweeps only when the test says so.
    relay = makeRelay({ db: test.db, queues, silenceMs: HOUR_MS }, () => undefined);
  });
  afterAll(async () => {
    await relay.close();
    await queues.close();
    await test.drop();
  });

  const makeOverdue = (id: string) =>
    rows(test.db.manager, "UPDATE job SET dispatched_at = dispatched_at - interval '2 hours' WHERE id = $1", [
      id,
    ]);
  const dispatches = async (id: string) => {
    const { dispatches, resends } = await pipeline.job(id);
    return { dispatches, resends };
  };
  const parkedJob = async () => {
    const { customer_id } = await aTicket(test.db);
    return pipeline.ask(agent, "contact.delete", { id: customer_id });
  };

  it("resends a job that the queue has lost once it is overdue", async () => {
    const id = await pipeline.submit(agent, "contact.create", { name: "Maria" });
    await relay.sweep();
    expect(await dispatches(id)).toEqual({ dispatches: 1, resends: 0 });
    await makeOverdue(id);
    await relay.sweep();
    expect(await dispatches(id)).toEqual({ dispatches: 2, resends: 1 });
    expect((await actions.getJob(dispatchId(id, 2)))?.data).toEqual({ jobId: id });
  });

  it("resends a costly job to the queue for costly jobs", async () => {
    const id = await pipeline.submit(agent, "contact.create", { name: "Mira" }, { dry_run: true });
    await makeOverdue(id);
    await relay.sweep();
    expect(await dispatches(id)).toEqual({ dispatches: 2, resends: 1 });
    expect((await queues.queue("costly-actions").getJob(dispatchId(id, 2)))?.data).toEqual({ jobId: id });
    expect(await actions.getJob(dispatchId(id, 2))).toBeUndefined();
  });

  it("does not resend an overdue job that the queue still holds", async () => {
    const id = await pipeline.submit(agent, "contact.create", { name: "Nora" });
    await actions.add("actions", { jobId: id }, { jobId: dispatchId(id, 1) });
    await makeOverdue(id);
    await relay.sweep();
    expect(await dispatches(id)).toEqual({ dispatches: 1, resends: 0 });
  });

  it("adds a missing timer, due at the expiry, when two sweeps in a row miss it", async () => {
    const { id } = await parkedJob();
    const before = await dispatches(id);
    await relay.sweep();
    expect(await dispatches(id)).toEqual(before);
    await relay.sweep();
    expect(await dispatches(id)).toEqual({ dispatches: before.dispatches + 1, resends: 1 });
    const timer = await awaiting.getJob(dispatchId(id, before.dispatches + 1));
    expect(timer?.delay).toBeGreaterThan(HOUR_MS - 60_000);
    expect(timer?.delay).toBeLessThanOrEqual(HOUR_MS);
  });

  it("enqueues a job whose decision had no effect, and one whose expiry no timer has reported", async () => {
    const [allowed, expired] = [await parkedJob(), await parkedJob()];
    await decide(test.db, owner, { id: allowed.queue_id ?? "", decision: "authorized" });
    // Decided authorizations are final: only the owner of the database can move them into the past.
    await asOwner(
      test.url,
      `SET session_replication_role = replica;
       UPDATE "authorization" SET decided_at = decided_at - interval '2 hours', expires_at = expires_at - interval '4 hours'
       WHERE job_id IN ('${allowed.id}', '${expired.id}')`,
    );
    await relay.sweep();
    for (const { id } of [allowed, expired]) {
      const job = await pipeline.job(id);
      expect(await awaiting.getJobState(dispatchId(id, job.dispatches))).toBe("waiting");
    }
  });

  it("does nothing while another process sweeps", async () => {
    const id = await pipeline.submit(agent, "contact.create", { name: "Olga" });
    await makeOverdue(id);
    const other = test.db.createQueryRunner();
    await other.query("SELECT pg_advisory_lock(hashtext('countersign.relay'))");
    await relay.sweep();
    expect(await dispatches(id)).toEqual({ dispatches: 1, resends: 0 });
    await other.query("SELECT pg_advisory_unlock(hashtext('countersign.relay'))");
    await other.release();
    await relay.sweep();
    expect(await dispatches(id)).toEqual({ dispatches: 2, resends: 1 });
  });

  it("adds the schedulers that a flushed queue has lost", async () => {
    const queue = queues.queue("schedules");
    await queue.removeJobScheduler("housekeeping");
    await relay.sweep();
    expect(await queue.getJobScheduler("housekeeping")).toBeDefined();
  });
});
