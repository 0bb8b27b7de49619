import { setTimeout } from "node:timers/promises";
import { rows } from "../../src/entities/database.ts";
import type { JobView } from "../../src/domain/core/ports.ts";
import { dispatchId } from "../../src/workers/dispatcher.ts";
import type { Backend, JobData } from "../../src/workers/queues.ts";
import { eachBackend } from "../support/backends.ts";
import { makeChance } from "../support/chaos.ts";
import { eventually } from "../support/eventually.ts";
import { flushQueue } from "../support/flush.ts";
import { aHouse, type House, type Process, type Session, SHORT_SILENCE } from "../support/house.ts";
import { askToDelete } from "../support/parked.ts";

eachBackend("the queue decides nothing", (backend) => {
  let house: House;
  let queues: Backend;
  let owner: Session;
  beforeAll(async () => {
    house = await aHouse(backend, { services: ["api,mcp"], env: SHORT_SILENCE });
    queues = await backend.connect(house.databaseUrl);
    owner = await house.owner();
  });
  afterAll(async () => {
    await queues.close();
    await house.stop();
  });

  const read = async ({ job_id }: JobView) => (await house.agent("GET", `/api/jobs/${job_id}`)).body.data;
  const ended = async (job: JobView): Promise<JobView> =>
    eventually(async () => {
      const now = await read(job);
      expect(now.finished_at).not.toBeNull();
      return now;
    }, 40_000);
  const deletions = async ({ job_id }: JobView) => {
    const sql = "SELECT FROM change WHERE job_id = $1 AND table_name = 'contact' AND operation = 'delete'";
    return (await rows(house.db.manager, sql, [job_id])).length;
  };
  const allow = ({ queue_id }: JobView) => owner.decide(queue_id ?? "", { decision: "authorized" });
  const parked = async (): Promise<JobView> => {
    const [job] = await askToDelete(house, 1);
    if (!job) throw new Error("nothing was parked");
    return job;
  };

  describe("while people have time to decide", () => {
    let worker: Process;
    beforeAll(async () => void (worker = await house.spawn("worker")));
    afterAll(() => worker.end("SIGKILL"));

    const dispatchesOf = async ({ job_id }: JobView): Promise<number> => {
      const sql = "SELECT dispatches FROM job WHERE id = $1";
      const [row] = await rows<{ dispatches: number }>(house.db.manager, sql, [job_id]);
      return row?.dispatches ?? 0;
    };

    it("parks a request again whose timer was promoted straight on the queue", async () => {
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

    it("does nothing for a forged job, whatever it carries", async () => {
      const job = await parked();
      const done = await house.act("contact", "create", { name: "Done before" });
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
          house.db.manager,
          `SELECT (SELECT count(*) FROM change) AS changes, (SELECT count(*) FROM contact) AS customers,
             (SELECT jsonb_agg(to_jsonb(j) - 'xid' - 'dispatches' - 'dispatched_at' ORDER BY id) FROM job j) AS jobs,
             (SELECT jsonb_agg(to_jsonb(a) ORDER BY id) FROM "authorization" a) AS authorizations`,
        );
      const before = await state();
      for (const name of ["actions", "awaiting-authorization"] as const) {
        const queue = queues.queue(name);
        const own = forged.map((data, index) => ({ data: data as JobData, id: `forged-${index}` })); // Forged: it is not.
        // What the queue itself refuses does no harm either.
        await Promise.allSettled(
          own.map(({ data, id }) => queue.add(name, data, { jobId: id, attempts: 1 })),
        );
        await eventually(async () => {
          const states = await Promise.all(own.map(({ id }) => queue.getJobState(id)));
          expect(states.filter((each) => !["completed", "failed", "unknown"].includes(each))).toEqual([]);
        });
      }
      expect(await state()).toEqual(before);

      expect(await house.act("contact", "create", { name: "Served after" })).toMatchObject({
        status: "completed",
      });
      await allow(job);
      expect(await ended(job)).toMatchObject({ status: "completed" });
      expect(await deletions(job)).toBe(1);
    });
  });

  describe("where nobody decides in time", () => {
    let worker: Process;
    beforeAll(async () => void (worker = await house.spawn("worker", { AUTHORIZATION_TTL: "2s" })));
    afterAll(() => worker.end("SIGKILL"));

    const expired = { status: "expired", message: expect.stringContaining("Nobody decided in time") };

    it("lets a request expire, also when the queue has forgotten it meanwhile", async () => {
      const job = await parked();
      expect(await ended(job)).toMatchObject(expired);
      const forgotten = await parked();
      await flushQueue(backend, house.databaseUrl);
      expect(await ended(forgotten)).toMatchObject(expired);
      for (const each of [job, forgotten]) {
        expect(await allow(each)).toMatchObject({
          status: 409,
          body: { error: { winner: { status: "expired" } } },
        });
        expect(await deletions(each)).toBe(0);
      }
    });

    it("gives a decision at the last moment or the expiry, never both and never neither", async () => {
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
