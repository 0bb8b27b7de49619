import { rows } from "../../src/database/sql.ts";
import type { JobView } from "../../src/domain/engine/jobs.ts";
import { type Backend, dispatchId } from "../../src/queue/index.ts";
import { eachBackend } from "../support/backends.ts";
import { eventually } from "../support/eventually.ts";
import { LONG_FORM } from "../support/form.ts";
import { type Process, SHORT_SILENCE, startApp, startProcess, type TestApp } from "../support/app.ts";
import { askToDelete } from "../support/parked.ts";
import { preloading, productProgram } from "../support/programs.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const TTL_S = 4;

const all = [
  ["10 minutes ahead", 10 * MINUTE_MS],
  ["31 days ahead", 31 * DAY_MS],
  ["10 minutes behind", -10 * MINUTE_MS],
  ["31 days behind", -31 * DAY_MS],
] as const;
const skews = LONG_FORM ? all : [all[1], all[3]];

/** The environment of a process whose machine's clock is wrong, from its start on or from a signal on. */
const wrongClock = (ms: number, at?: NodeJS.Signals): Record<string, string> => ({
  ...preloading("skewed-clock"),
  CLOCK_SKEW_MS: String(ms),
  ...(at && { CLOCK_SKEW_AT: at }),
});

eachBackend("with the clock of one API and of one worker", (backend) => {
  let app: TestApp;
  let queues: Backend;
  beforeAll(async () => {
    app = await startApp(backend, { services: ["api,mcp", "worker"], env: SHORT_SILENCE });
    queues = await backend.connect(app.databaseUrl);
  });
  afterAll(async () => {
    await queues.close();
    await app.stop();
  });

  /** A worker whose clock jumps after its start: with a wrong clock it would not start. */
  async function jumpingWorker(ms: number, env: Record<string, string>): Promise<Process> {
    const worker = await app.spawn("worker", { ...env, ...wrongClock(ms, "SIGUSR2") });
    worker.child.kill("SIGUSR2");
    await eventually(() => expect(worker.output()).toContain("the clock was moved"));
    return worker;
  }
  /** Posts as the agent to another API process. */
  const post = async ({ url }: Process, path: string, body: unknown = {}) => {
    const headers = {
      authorization: `Bearer ${app.token}`,
      prefer: "wait=20",
      "content-type": "application/json",
    };
    const answer = await fetch(new URL(path, url), { method: "POST", headers, body: JSON.stringify(body) });
    const { data } = (await answer.json()) as { data: JobView }; // The envelope of these two routes.
    return { status: answer.status, data };
  };
  const jobOf = async ({ job_id }: JobView) => (await app.agent("GET", `/api/jobs/${job_id}`)).body.data;
  const rowOf = async ({ job_id }: JobView) => {
    const sql = `SELECT j.dispatches, j.finished_at, a.expires_at, a.created_at AS asked_at
      FROM job j JOIN "authorization" a ON a.job_id = j.id WHERE j.id = $1`;
    type Row = { dispatches: number; finished_at: Date | null; expires_at: Date; asked_at: Date };
    const [row] = await rows<Row>(app.db.manager, sql, [job_id]);
    if (!row) throw new Error("no such job");
    return row;
  };
  const ended = (job: JobView, status: string) =>
    eventually(async () => expect(await jobOf(job)).toMatchObject({ status }), 60_000);

  describe.each(skews)("%s", (_, ms) => {
    let worker: Process;
    let api: Process;
    beforeAll(async () => {
      worker = await jumpingWorker(ms, { AUTHORIZATION_TTL: "1h" });
      api = await app.spawn("api", wrongClock(ms));
    });
    afterAll(async () => {
      await Promise.all([worker.end("SIGKILL"), api.end("SIGKILL")]);
    });

    it("requests are run, allowed, taken back and refused as ever, and none answers 500", async () => {
      const session = await app.owner(api.url);
      const [allowed, taken, denied] = await askToDelete(app, 3);
      if (!allowed || !taken || !denied) throw new Error("nothing was parked");
      const create = { domain: "contact", action: "create", data: { name: "Served by a wrong clock" } };
      expect(await post(api, "/api/actions", create)).toMatchObject({
        status: 200,
        data: { status: "completed" },
      });

      const decided = await session.decide(allowed.queue_id ?? "", { decision: "authorized" });
      expect(decided.status).toBe(200);
      await ended(allowed, "completed");
      expect((await post(api, `/api/jobs/${taken.job_id}/withdraw`)).status).toBe(200);
      expect((await session.decide(taken.queue_id ?? "", { decision: "authorized" })).status).toBe(409);
      expect((await session.decide(denied.queue_id ?? "", { decision: "denied" })).status).toBe(200);
      await ended(denied, "denied");
      expect((await session.decide(denied.queue_id ?? "", { decision: "authorized" })).status).toBe(409);
      expect(worker.output() + api.output()).not.toMatch(/"level":[56]0/);
    });

    it("no timer of a request runs before its time", async () => {
      const [waiting, decided] = await askToDelete(app, 2);
      if (!waiting || !decided) throw new Error("nothing was parked");
      const timer = async () => {
        const { dispatches } = await rowOf(waiting);
        const id = dispatchId(waiting.job_id, dispatches);
        return [dispatches, await queues.queue("awaiting-authorization").getJobState(id)];
      };
      await eventually(async () => expect(await timer()).toEqual([2, "delayed"]));
      const right = app.processes[1];
      right?.child.kill("SIGSTOP");
      try {
        // Only the worker with the wrong clock can run this decision, and it looks for due timers when it fetches it.
        await (await app.owner()).decide(decided.queue_id ?? "", { decision: "authorized" });
        await ended(decided, "completed");
        expect(await timer()).toEqual([2, "delayed"]);
      } finally {
        right?.child.kill("SIGCONT");
      }
    });

    it("an API accepts no session that has expired, and ends none of the others", async () => {
      const session = await app.owner(api.url);
      const owner = await app.owner();
      const status = async () => (await session.call("GET", "/api/session")).status;
      expect(await status()).toBe(200);
      await app.owner(api.url); // Each sign-in deletes expired sessions.
      expect((await owner.call("GET", "/api/session")).status).toBe(200);
      await app.db.query("UPDATE session SET expires_at = now() - interval '1 second'");
      expect(await status()).toBe(401);
    });

    it("/readyz of the API says so and answers 200", async () => {
      const ready = await fetch(new URL("/readyz", api.url));
      const how = ms > 0 ? "ahead of" : "behind";
      const amount = Math.abs(ms) > DAY_MS ? "31 d" : "10 min";
      expect([ready.status, await ready.json()]).toEqual([
        200,
        {
          success: true,
          data: {
            status: "ready",
            warnings: { clock: `this machine is ${amount} ${how} the database's clock` },
          },
        },
      ]);
    });
  });

  describe.each(skews)("%s, a request that nobody decides", (_, ms) => {
    let workers: Process[];
    beforeAll(async () => {
      for (const each of app.processes.slice(1)) await each.end("SIGKILL");
      const env = { AUTHORIZATION_TTL: `${TTL_S}s` };
      workers = [await app.spawn("worker", env), await jumpingWorker(ms, env)];
    });
    afterAll(async () => {
      await Promise.all(workers.map((each) => each.end("SIGKILL")));
    });

    it("expires at its time by the database's clock, and is parked again at most once a second", async () => {
      const jobs = await askToDelete(app, 5);
      for (const job of jobs) await ended(job, "expired");
      for (const job of jobs) {
        const { dispatches, finished_at, expires_at, asked_at } = await rowOf(job);
        const late = Number(finished_at) - Number(expires_at);
        expect(late).toBeGreaterThanOrEqual(0);
        const seconds = (Number(finished_at) - Number(asked_at)) / 1_000;
        expect(dispatches).toBeLessThanOrEqual(2 + seconds); // Sent, parked, and once for each second.
      }
    });
  });
});

describe("a worker whose clock is off when it starts", () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp({ redisUrl: () => undefined }, { services: ["api"] });
  });
  afterAll(() => app.stop());

  it.each([
    ["ahead of", 10 * MINUTE_MS],
    ["behind", -10 * MINUTE_MS],
  ])("by 10 minutes %s the database's refuses in one line", async (how, ms) => {
    const starting = app.spawn("worker", wrongClock(ms));
    await expect(starting).rejects.toThrow(
      new RegExp(
        `\\(exit 1\\):\\nthe clock was moved\\ncountersign: this machine's clock is 10 min ${how} the database's clock; ` +
          "a worker runs with at most 60 s\\. Synchronize both machines by NTP, then start again\\.\\n$",
      ),
    );
  });

  it("by half a minute starts, says so in its log, and works", async () => {
    const worker = await app.spawn("worker", wrongClock(30_000));
    expect(worker.output()).toContain("this machine's clock is 30 s ahead of the database's clock");
    expect(await app.act("contact", "create", { name: "Served" })).toMatchObject({ status: "completed" });
  });

  it.each([
    [30_000, 0, "warn clock     this machine is 30 s ahead of the database's clock; do: synchronize"],
    [
      -10 * MINUTE_MS,
      1,
      "FAIL clock     this machine is 10 min behind the database's clock; no worker starts here; do:",
    ],
  ])("by %d ms is named by the doctor, which exits with %d", async (ms, exit, line) => {
    const env = { ...process.env, ...app.environment, ...wrongClock(ms) };
    const doctor = startProcess(["doctor"], env, [productProgram()]);
    await expect(doctor).rejects.toThrow(`(exit ${exit})`);
    await expect(doctor).rejects.toThrow(line);
  });
});
