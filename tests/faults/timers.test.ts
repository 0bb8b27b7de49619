import { setTimeout } from "node:timers/promises";
import { rows } from "../../src/database/sql.ts";
import type { AuthorizationView } from "../../src/domain/engine/authorization/view.ts";
import type { JobView } from "../../src/domain/engine/jobs.ts";
import { type Backend, dispatchId, type JobData } from "../../src/queue/index.ts";
import { eachBackend } from "../support/backends.ts";
import { makeChance } from "../support/chaos.ts";
import { eventually } from "../support/eventually.ts";
import { flushQueue } from "../support/flush-queue.ts";
import { startApp, type TestApp, type Process, type Session, SHORT_SILENCE } from "../support/app.ts";
import { askToDelete } from "../support/parked.ts";

eachBackend("the database, not the queue, decides about parked jobs", (backend) => {
  let app: TestApp;
  let queues: Backend;
  let owner: Session;
  beforeAll(async () => {
    app = await startApp(backend, { services: ["api,mcp"], env: SHORT_SILENCE });
    queues = await backend.connect(app.databaseUrl);
    owner = await app.owner();
  });
  afterAll(async () => {
    await queues.close();
    await app.stop();
  });

  const read = async ({ job_id }: JobView) => (await app.agent("GET", `/api/jobs/${job_id}`)).body.data;
  const ended = async (job: JobView): Promise<JobView> =>
    eventually(async () => {
      const now = await read(job);
      expect(now.finished_at).not.toBeNull();
      return now;
    }, 40_000);
  const deletions = async ({ job_id }: JobView) => {
    const sql = "SELECT FROM change WHERE job_id = $1 AND table_name = 'contact' AND operation = 'delete'";
    return (await rows(app.db.manager, sql, [job_id])).length;
  };
  const allow = ({ queue_id }: JobView) => owner.decide(queue_id ?? "", { decision: "authorized" });
  const parked = async (): Promise<JobView> => {
    const [job] = await askToDelete(app, 1);
    if (!job) throw new Error("nothing was parked");
    return job;
  };

  describe("while people have time to decide", () => {
    let worker: Process;
    beforeAll(async () => void (worker = await app.spawn("worker")));
    afterAll(() => worker.end("SIGKILL"));

    const dispatchesOf = async ({ job_id }: JobView): Promise<number> => {
      const sql = "SELECT dispatches FROM job WHERE id = $1";
      const [row] = await rows<{ dispatches: number }>(app.db.manager, sql, [job_id]);
      return row?.dispatches ?? 0;
    };

    it("keeps a job parked when its timer is promoted in the queue", async () => {
      const job = await parked();
      const awaiting = queues.queue("awaiting-authorization");
      const dispatch = await dispatchesOf(job);
      const timer = await eventually(async () => {
        const found = await awaiting.getJob(dispatchId(job.job_id, dispatch));
        if (!found) throw new Error("it has no timer yet");
        return found;
      });
      await timer.promote();
      await eventually(async () =>
        expect(await awaiting.getJobState(dispatchId(job.job_id, dispatch + 1))).toBe("delayed"),
      );
      expect(await read(job)).toMatchObject({ status: "authorization_required", queue_id: job.queue_id });
      expect(await deletions(job)).toBe(0);

      expect(await allow(job)).toMatchObject({ status: 200 });
      expect(await ended(job)).toMatchObject({ status: "completed" });
      expect(await deletions(job)).toBe(1);
    });

    it("keeps one timer for a parked job when its entry is forged many times", async () => {
      const job = await parked();
      const awaiting = queues.queue("awaiting-authorization");
      const dispatch = await dispatchesOf(job);
      const timer = dispatchId(job.job_id, dispatch);
      await eventually(async () => expect(await awaiting.getJobState(timer)).toBe("delayed"));
      const timers = await awaiting.getDelayedCount();
      const ids = Array.from({ length: 20 }, (_, index) => `more-${index}`);
      for (const name of ["actions", "awaiting-authorization"] as const) {
        const queue = queues.queue(name);
        await Promise.all(ids.map((id) => queue.add(name, { jobId: job.job_id }, { jobId: id })));
        await eventually(async () => {
          const states = await Promise.all(ids.map((id) => queue.getJobState(id)));
          expect(states.filter((state) => state !== "completed")).toEqual([]);
        });
      }
      expect(await dispatchesOf(job)).toBe(dispatch);
      expect(await awaiting.getJobState(timer)).toBe("delayed");
      expect(await awaiting.getDelayedCount()).toBe(timers);
      await allow(job);
      expect(await ended(job)).toMatchObject({ status: "completed" });
    });

    it("does nothing for forged jobs in the queue", async () => {
      const job = await parked();
      const done = await app.act("contact", "create", { name: "Done before" });
      const forged: unknown[] = [
        { jobId: "job_unknown" },
        { jobId: job.job_id },
        { jobId: job.job_id, status: "authorized", authorization: { status: "authorized" }, dispatch: 1 },
        { jobId: done.job_id },
        { jobId: { id: job.job_id } },
        { jobId: [job.job_id] },
        { jobId: 5 },
        { jobId: null },
        { jobId: "job_\0" },
        { jobId: "'; DELETE FROM contact; --" },
        { jobId: "x".repeat(100_000) },
        { deliveryId: job.job_id },
        JSON.parse(
          `{"__proto__": {"jobId": "${job.job_id}"}, "constructor": {"prototype": {"polluted": 1}}}`,
        ),
        {},
        [],
        "text",
        null,
      ];
      const state = () =>
        rows(
          app.db.manager,
          `SELECT (SELECT count(*) FROM change) AS changes, (SELECT count(*) FROM contact) AS customers,
             (SELECT jsonb_agg(to_jsonb(j) - 'xid' - 'dispatches' - 'dispatched_at' ORDER BY id) FROM job j) AS jobs,
             (SELECT jsonb_agg(to_jsonb(a) ORDER BY id) FROM "authorization" a) AS authorizations`,
        );
      const before = await state();
      for (const name of ["actions", "awaiting-authorization"] as const) {
        const queue = queues.queue(name);
        const own = forged.map((data, index) => ({ data: data as JobData, id: `forged-${index}` })); // A forged type.
        // The queue itself may reject some of them.
        await Promise.allSettled(
          own.map(({ data, id }) => queue.add(name, data, { jobId: id, attempts: 1 })),
        );
        await eventually(async () => {
          const states = await Promise.all(own.map(({ id }) => queue.getJobState(id)));
          expect(states.filter((each) => !["completed", "failed", "unknown"].includes(each))).toEqual([]);
        });
      }
      expect(await state()).toEqual(before);

      expect(await app.act("contact", "create", { name: "Served after" })).toMatchObject({
        status: "completed",
      });
      await allow(job);
      expect(await ended(job)).toMatchObject({ status: "completed" });
      expect(await deletions(job)).toBe(1);
    });
  });

  describe("when nobody decides in time", () => {
    let worker: Process;
    beforeAll(async () => void (worker = await app.spawn("worker", { AUTHORIZATION_TTL: "2s" })));
    afterAll(() => worker.end("SIGKILL"));

    const expired = { status: "expired", message: expect.stringContaining("Nobody decided in time") };

    it("expires a parked job, also when the queue was flushed meanwhile", async () => {
      const job = await parked();
      expect(await ended(job)).toMatchObject(expired);
      const forgotten = await parked();
      await flushQueue(backend, app.databaseUrl);
      expect(await ended(forgotten)).toMatchObject(expired);
      for (const each of [job, forgotten]) {
        expect(await allow(each)).toMatchObject({
          status: 409,
          body: { error: { winner: { status: "expired" } } },
        });
        expect(await deletions(each)).toBe(0);
      }
    });

    it("expires a request that a person changed, at the time of the changed one", async () => {
      const api = await app.spawn("api", { AUTHORIZATION_TTL: "4s" });
      const person = await app.owner(api.url);
      const names = Array.from({ length: 6 }, (_, at) => `One of six ${at}`);
      const made = await Promise.all(names.map((name) => app.act("contact", "create", { name })));
      const ids = made.map(({ result }) => (result as { id: string }).id);
      const job = await app.act("contact", "bulk_delete", { ids }, { reasoning: "They moved." });
      const path = `/api/authorizations/${job.queue_id}/edit`;
      const edited = await person.call<AuthorizationView>("POST", path, { data: { ids: ids.slice(1) } });
      expect(edited).toMatchObject({ status: 200, body: { data: { status: "pending" } } });
      const { id, expires_at } = edited.body.data;
      expect(Date.parse(expires_at)).toBeGreaterThan(Date.parse(job.authorization?.expires_at ?? ""));

      const end = await ended(job);
      expect(end).toMatchObject({ ...expired, authorization: { queue_id: id, edited: { by: "Owner" } } });
      expect(Date.parse(end.finished_at ?? "")).toBeGreaterThanOrEqual(Date.parse(expires_at));
      expect(await deletions(job)).toBe(0);
      await api.end("SIGKILL");
    });

    it("lets either a last-moment decision or the expiry win, exactly one of them", async () => {
      const chance = makeChance(`decision against expiry on ${backend.kind}`);
      const race = async () => {
        const job = await parked();
        const expiry = Date.parse(job.authorization?.expires_at ?? "");
        await setTimeout(Math.max(0, expiry - Date.now() + chance(-40, 20)));
        return { job, answer: await allow(job) };
      };
      for (const { job, answer } of await Promise.all(Array.from({ length: 20 }, race))) {
        const inTime = answer.status === 200;
        if (!inTime)
          expect(answer).toMatchObject({ status: 409, body: { error: { winner: { status: "expired" } } } });
        expect(await ended(job)).toMatchObject({ status: inTime ? "completed" : "expired" });
        expect(await deletions(job)).toBe(inTime ? 1 : 0);
      }
    });
  });
});
