import { newId } from "../../src/domain/core/ids.ts";
import { Authorization } from "../../src/entities/authorization.ts";
import { Job } from "../../src/entities/job.ts";
import { Change } from "../../src/entities/change.ts";
import type { Backend } from "../../src/queue/index.ts";
import { anyBackend } from "../support/backends.ts";
import { eventually } from "../support/eventually.ts";
import { aTicket } from "../support/factories.ts";
import type { TestApp, Session } from "../support/app.ts";
import { rawRequest } from "../support/raw-request.ts";
import { parkedDeletion, type Parked } from "../support/parked-deletion.ts";

anyBackend("an attack", (backend) => {
  let queues: Backend;
  afterAll(() => queues.close()); // Before the app stops.
  const { now, aParked, allow, db, exists, nothingHappened, view } = parkedDeletion(backend);
  let app: TestApp;
  let owner: Session;
  let parked: Parked;
  beforeAll(async () => void (queues = await backend.connect(now().app.databaseUrl)));
  beforeEach(() => void ({ app, owner, parked } = now()));

  describe("by changing a request", () => {
    const seen = "Customer has 1 ticket worth nothing to speak of";
    const forge = (auth: string) => db().update(Authorization, auth, { reason: seen });

    it("after the page was shown is refused with the new preview, on the page and in the API", async () => {
      const { auth } = parked;
      const { view_hash } = await view(auth);
      await forge(auth);
      const decision = { decision: "authorized", view_hash };
      const refused = await owner.decide(auth, decision);
      expect(refused).toMatchObject({
        status: 409,
        body: { error: { code: "conflict", view: { reason: seen } } },
      });
      const page = await rawRequest(app.url, `/authorizations/${auth}/decision`, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded", cookie: owner.cookie },
        body: new URLSearchParams({ ...decision, _csrf: owner.csrf }).toString(),
      });
      expect(page.status).toBe(409);
      expect(page.text).toContain(seen);
      await nothingHappened();
      const looked = { decision: "authorized", view_hash: (await view(auth)).view_hash };
      expect((await owner.decide(auth, looked)).status).toBe(200);
    });

    it("in the job row runs nothing: a new authorization shows the difference", async () => {
      const { auth, job, customer } = parked;
      const victim = (await aTicket(app.db, { status: "completed" })).customer_id;
      await db().update(Job, job.job_id, { input: { id: victim } });
      const after = await allow(parked);
      expect(after).toMatchObject({ status: "authorization_required" });
      expect(after.queue_id).not.toBe(auth);
      expect(await view(auth)).toMatchObject({ status: "superseded", superseded_by: after.queue_id });
      expect((await view(after.queue_id ?? "")).moved).not.toEqual([]);
      expect(await Promise.all([exists(customer), exists(victim)])).toEqual([true, true]);
      expect((await owner.decide(auth, { decision: "authorized" })).status).toBe(409);
    });
  });

  describe("on the queue", () => {
    /** Adds a job to the queue as an attacker and waits until a worker has completed it. */
    async function forged(
      name: "actions" | "awaiting-authorization",
      data: { jobId: string } | Record<string, never>,
    ) {
      const queue = queues.queue(name);
      const id = `forged-${newId("job")}`;
      await queue.add(name, data, { jobId: id });
      await eventually(async () => expect(await queue.getJobState(id)).toBe("completed"));
    }
    const everywhere = async (data: { jobId: string } | Record<string, never>) => {
      await forged("actions", data);
      await forged("awaiting-authorization", data);
    };

    it("by adding forged jobs has no effect", async () => {
      const { job, auth, customer } = parked;
      const lies = { status: "authorized", decision: "authorized", queue_id: auth, principal_kind: "owner" };
      const request = { action: "contact.delete", input: { id: customer }, dry_run: false };
      await everywhere({ jobId: job.job_id });
      for (const jobId of [job.job_id, newId("job"), auth, "' OR true --", ""])
        await everywhere(Object.assign({ jobId }, lies, request));
      await everywhere({});
      await nothingHappened();
    });

    it("by promoting the timer does not authorize: the job keeps waiting, with a new timer", async () => {
      const queue = queues.queue("awaiting-authorization");
      const timers = async () =>
        (await queue.getDelayed()).filter(({ data }) => "jobId" in data && data.jobId === parked.job.job_id);
      const [timer, ...others] = await eventually(async () => {
        const found = await timers();
        expect(found).toHaveLength(1);
        return found;
      });
      await timer?.promote();
      await eventually(async () => {
        const [next, ...rest] = await timers();
        expect(next?.id).toMatch(new RegExp(`^${parked.job.job_id}-`));
        expect([next?.id === timer?.id, rest.length, others.length]).toEqual([false, 0, 0]);
      });
      await nothingHappened();
    });

    it("through the queue dashboard is refused even to the owner", async () => {
      const timer = `/admin/queues/api/queues/awaiting-authorization/${parked.job.job_id}-2`;
      for (const [method, path] of [
        ["PUT", `${timer}/promote`],
        ["PUT", `${timer}/retry`],
        ["PATCH", `${timer}/update-data`],
        ["POST", "/admin/queues/api/queues/actions/add"],
        ["PUT", "/admin/queues/api/queues/actions/clean/completed"],
        ["PUT", "/admin/queues/api/queues/actions/pause"],
      ] as const)
        expect((await owner.call(method, path, {})).status).toBe(403);
      expect((await owner.call("GET", "/admin/queues/api/queues")).status).toBe(200);
      await nothingHappened();
    });

    it("cannot replay an authorization, for the same job or another one, even after kill -9", async () => {
      const other = await aParked();
      const { job, auth } = parked;
      expect(await allow(parked)).toMatchObject({ status: "completed" });
      const done = await db().findOneByOrFail(Job, { id: job.job_id });
      const changes = await db().countBy(Change, { job_id: job.job_id });
      expect(changes).toBeGreaterThan(0);
      const replay = async () => {
        await everywhere({ jobId: job.job_id });
        await everywhere(
          Object.assign({ jobId: other.job.job_id }, { queue_id: auth, decision: "authorized" }),
        );
        expect((await owner.decide(auth, { decision: "authorized" })).status).toBe(409);
        expect(await db().findOneByOrFail(Job, { id: job.job_id })).toEqual(done);
        expect(await db().countBy(Change, { job_id: job.job_id })).toBe(changes);
        await nothingHappened(other);
      };
      await replay();
      await Promise.all(app.processes.map((each) => each.end("SIGKILL")));
      await app.spawn("api,worker,mcp", { PORT: new URL(app.url).port });
      await replay();
    });
  });
});
