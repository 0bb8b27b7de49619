import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { JobView } from "../../src/domain/engine/jobs.ts";
import { type TestBackend, anyBackend, eachBackend } from "../support/backends.ts";
import { connectionWaitsForLock } from "../support/act.ts";
import { type Accepted, allCompletedOnce, requestFor, outcomeOf } from "../support/client-log.ts";
import { eventually } from "../support/eventually.ts";
import { type Answer, startApp, type TestApp, type Process, SHORT_SILENCE } from "../support/app.ts";
import { askToDelete } from "../support/parked.ts";
import { untilCallersWait, waitingCallers } from "../support/waiting-callers.ts";

const CALLERS = 12;

/** Longer than any wait: a call that takes this long hangs. */
const HANGS_MS = 30_000;
const env = { AGENT_CALLS_PER_MINUTE: "100000", AGENT_WAITS: "1000", ...SHORT_SILENCE };

/** A client that retries failed connections and 5xx answers, alternating between the APIs. */
function retryingClient(app: TestApp, apis: () => readonly string[]) {
  let turn = 0;
  return async (method: string, path: string, headers: Record<string, string> = {}, body?: unknown) => {
    for (;;) {
      const fronts = apis();
      const url = new URL(path, fronts[turn++ % fronts.length]);
      const response = await fetch(url, {
        method,
        headers: { authorization: `Bearer ${app.token}`, "content-type": "application/json", ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(HANGS_MS),
      }).catch((error: Error) => {
        if (error.name === "TimeoutError") throw new Error(`${method} ${path} hangs`);
      });
      if (response && response.status < 500) return (await response.json()) as Answer["body"];
      await response?.body?.cancel();
      await setTimeout(20);
    }
  };
}

/** Callers that submit jobs and wait for them until stop(); `accepted` is their log. */
function underLoad(app: TestApp, apis: () => readonly string[]) {
  const call = retryingClient(app, apis);
  const accepted: Accepted[] = [];
  const own = randomUUID();
  let asked = 0;
  let going = true;

  async function askOne(): Promise<void> {
    const name = `Customer ${own} ${++asked}`;
    const headers = { "idempotency-key": randomUUID(), prefer: "wait=20" };
    const { data, error } = await call("POST", "/api/actions", headers, requestFor(name));
    if (error) throw new Error(JSON.stringify(error));
    accepted.push({ jobId: data.job_id, name });
    let job = data;
    while (job.finished_at === null) job = (await call("GET", `/api/jobs/${job.job_id}?wait=20`)).data;
  }
  const callers = Array.from({ length: CALLERS }, async () => {
    while (going) await askOne();
  });
  const all = Promise.all(callers);
  all.catch(() => undefined); // Shown by stop().

  return {
    accepted,
    /** Resolves once `count` more have been accepted. */
    async more(count: number): Promise<void> {
      const enough = accepted.length + count;
      await Promise.race([all, eventually(() => expect(accepted.length).toBeGreaterThanOrEqual(enough))]);
    },
    async stop(): Promise<void> {
      going = false;
      await all;
    },
  };
}

/** Expects exit code 0 within ten seconds after SIGTERM. */
async function stopsCleanly(process: Process): Promise<void> {
  const late = AbortSignal.timeout(10_000);
  expect({ code: await process.end("SIGTERM"), late: late.aborted }).toEqual({ code: 0, late: false });
}

const fiveProcesses = async (backend: TestBackend) => {
  const app = await startApp(backend, {
    services: ["api,mcp", "api,mcp", "worker", "worker", "worker"],
    env,
  });
  const [first, second, ...workers] = app.processes as [Process, Process, ...Process[]]; // As asked for.
  return { app, first, second, workers };
};

anyBackend("two API and three worker processes", (backend) => {
  let five: Awaited<ReturnType<typeof fiveProcesses>>;
  beforeAll(async () => {
    five = await fiveProcesses(backend);
  }, 180_000);
  afterAll(() => five?.app.stop());

  it("wake a caller of one API when a person decides on the other", async () => {
    const { app, first, second } = five;
    const [parked] = await askToDelete(app, 1);
    const owner = await app.owner();
    const there = retryingClient(app, () => [second.url]);
    const waiting = there("GET", `/api/jobs/${parked?.job_id}?wait=25`);
    await untilCallersWait(second, 1);
    expect(await waitingCallers(first)).toBe(0);
    expect((await owner.decide(parked?.queue_id ?? "", { decision: "authorized" })).status).toBe(200);
    expect((await waiting).data).toMatchObject({ job_id: parked?.job_id, status: "completed" });
  });

  it("complete every accepted job once and answer every caller while processes are stopped or killed", async () => {
    const { app, first, second, workers } = five;
    const fronts = [first.url, second.url];
    const load = underLoad(app, () => fronts);
    await load.more(30);

    await stopsCleanly(workers[0] as Process);
    await load.more(30);
    await workers[1]?.end("SIGKILL");
    await load.more(30);

    fronts.splice(0, 1);
    await stopsCleanly(first);
    await load.more(30);
    const third = await app.spawn("api,mcp");
    fronts.push(third.url);
    await load.more(10);
    await second.end("SIGKILL");
    await load.more(30);

    await load.stop();
    const outcome = () => outcomeOf(app, load.accepted);
    await eventually(async () => expect(await outcome()).toEqual(allCompletedOnce(load.accepted)));
  }, 180_000);
});

/** Resolves once new jobs stay queued: the stopping worker takes no more. */
async function takesNoMore(app: TestApp): Promise<void> {
  const ask = () => app.agent("POST", "/api/actions", requestFor(randomUUID()), { prefer: "wait=1" });
  await eventually(async () => expect((await ask()).body.data.status).toBe("queued"));
}

eachBackend("a process that is asked to stop", (backend) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp(backend, { services: ["api,mcp"], env });
  });
  afterAll(() => app?.stop());

  it("finishes the jobs it holds", async () => {
    const worker = await app.spawn("worker");
    const { result } = await app.act("contact", "create", { name: "Held" });
    const { id } = result as { id: string }; // A create's result is the record.
    const holder = app.db.createQueryRunner();
    await holder.startTransaction();
    await holder.query("SELECT FROM contact WHERE id = $1 FOR UPDATE", [id]);
    const update = { domain: "contact", action: "update", data: { id, notes: "Finished" } };
    const { body } = await app.agent("POST", "/api/actions", update);
    await connectionWaitsForLock(app.db);
    const stopped = stopsCleanly(worker);
    await takesNoMore(app);
    await holder.commitTransaction();
    await holder.release();
    await stopped;
    const job = await app.agent<JobView>("GET", `/api/jobs/${body.data.job_id}`);
    expect(job.body.data).toMatchObject({ status: "completed", result: { notes: "Finished" } });
  });

  it("answers waiting callers with 202; another process runs their jobs", async () => {
    const [api] = app.processes as [Process];
    const names = Array.from({ length: 10 }, (_, index) => `Waits ${index}`);
    const waiting = Promise.all(
      names.map((name) => app.agent("POST", "/api/actions", requestFor(name), { prefer: "wait=25" })),
    );
    await untilCallersWait(api, names.length);
    await stopsCleanly(api);
    const answers = await waiting;
    expect(answers.map(({ status, body }) => [status, body.data.status])).toEqual(
      names.map(() => [202, "queued"]),
    );
    await app.spawn("worker");
    const accepted = answers.map(({ body }, index) => ({
      jobId: body.data.job_id,
      name: names[index] ?? "",
    }));
    await eventually(async () => expect(await outcomeOf(app, accepted)).toEqual(allCompletedOnce(accepted)));
  });
});
