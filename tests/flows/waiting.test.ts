import { setTimeout } from "node:timers/promises";
import pg from "pg";
import { newId } from "../../src/domain/core/ids.ts";
import type { JobView } from "../../src/domain/engine/jobs.ts";
import { Job } from "../../src/entities/job.ts";
import { ApiToken } from "../../src/entities/api-token.ts";
import { CHANNEL } from "../../src/queue/notify.ts";
import { eachBackend } from "../support/backends.ts";
import { eventually } from "../support/eventually.ts";
import { asOwner } from "../support/flush-queue.ts";
import { type Answer, startApp, type TestApp, type Process } from "../support/app.ts";
import { johnsons } from "../support/johnsons.ts";
import { connectOverHttp, placeOf, type TestClient } from "../support/mcp-clients.ts";

const CALLERS = 50;

/** All callers at once, and a few that wait without a result. */
const LIMIT = 2 * CALLERS + 3;
const LONG = 25;

/** Timeout for a busy machine; ms. */
const SLOWEST = 180_000;

const names = (what: string, count = CALLERS) =>
  Array.from({ length: count }, (_, caller) => `${what} ${caller}`);
const customer = (name: string) => ({ domain: "contact", action: "create", data: { name } });

eachBackend("callers that wait", (backend) => {
  let app: TestApp;
  let model: TestClient;
  let worker: Process | undefined;
  beforeAll(async () => {
    app = await startApp(backend, { services: ["api,mcp"], env: { AGENT_WAITS: String(LIMIT) } });
    model = await connectOverHttp(placeOf(app));
  });
  afterAll(async () => {
    await model.close();
    await app.stop();
  });
  const theWorker = async (): Promise<Process> => (worker ??= await app.spawn("worker"));

  /** Polls until the job has ended: on a slow machine one wait may be too short. */
  const overRest = async (name: string): Promise<JobView> => {
    const headers = { prefer: `wait=${LONG}` };
    const { body } = await app.agent("POST", "/api/actions", customer(name), headers);
    if (!body.success) throw new Error(body.error.message);
    let job = body.data;
    while (job.finished_at === null)
      job = (await app.agent("GET", `/api/jobs/${job.job_id}?wait=${LONG}`)).body.data;
    return job;
  };
  const call = async (tool: string, input: Record<string, unknown>): Promise<JobView> => {
    const { structured, isError, text } = await model.call(tool, { ...input, wait_seconds: 20 });
    if (isError) throw new Error(text);
    return structured as JobView;
  };
  const overMcp = async (name: string): Promise<JobView> => {
    let job = await call("crm_action", customer(name));
    // Over MCP nulls are left out.
    while (!job.finished_at) job = await call("job_status", { job_id: job.job_id });
    return job;
  };
  const jobs = async (what: string) =>
    (await app.db.query("SELECT id, finished_at FROM job WHERE input->>'name' LIKE $1", [`${what} %`])) as {
      id: string;
      finished_at: Date | null;
    }[];
  const allAsked = (what: string) =>
    eventually(async () => expect(await jobs(what)).toHaveLength(CALLERS), SLOWEST);
  const result = (name: string) =>
    expect.objectContaining({ status: "completed", result: expect.objectContaining({ name }) });

  /** Waits for a job that is in no queue, until the time is up. */
  async function waitInVain(seconds: number): Promise<string> {
    const { id } = await app.db.manager.findOneByOrFail(ApiToken, { name: "Office manager" });
    const made = { id: newId("job"), action: "contact.create", input: {}, digest: "none" };
    const own = {
      principal: `agent:${id}`,
      principal_kind: "agent" as const,
      principal_name: "Office manager",
    };
    await app.db.manager.insert(Job, { ...made, ...own });
    const { status } = await app.agent("GET", `/api/jobs/${made.id}?wait=${seconds}`);
    return `time is up (${status})`;
  }

  /** All call at once while the worker is stopped; after `meanwhile` it continues, and every caller gets its own result. */
  async function expectOwnResults(what: string, meanwhile: () => Promise<unknown> = async () => {}) {
    const { child } = await theWorker();
    child.kill("SIGSTOP");
    const rest = Promise.all(names(`${what} rest`).map(overRest));
    const mcp = Promise.all(names(`${what} mcp`).map(overMcp));
    const asked = Promise.all([allAsked(`${what} rest`), allAsked(`${what} mcp`)]);
    await Promise.race([asked, rest, mcp]); // A refused caller rejects at once.
    await meanwhile();
    child.kill("SIGCONT");
    const open = async () => (await jobs(what)).filter(({ finished_at }) => finished_at === null);
    await eventually(async () => expect(await open()).toEqual([]), SLOWEST);
    const timeIsUp = waitInVain(5).catch(() => "cut off"); // By app.stop().
    expect(await Promise.race([timeIsUp, Promise.all([rest, mcp]).then(() => "in time")])).toBe("in time");
    expect(await rest).toEqual(names(`${what} rest`).map(result));
    expect(await mcp).toEqual(names(`${what} mcp`).map(result));
  }

  /** The names of the answers in order of arrival. */
  async function order(asked: Record<string, Promise<unknown>>): Promise<string[]> {
    const came: string[] = [];
    await Promise.all(Object.entries(asked).map(([name, answer]) => answer.then(() => came.push(name))));
    return came;
  }

  it("get 202 when their time is up and no worker has run their job", async () => {
    const answers: Answer[] = [];
    const ask = async (seconds: number) => {
      const headers = { prefer: `wait=${seconds}` };
      answers.push(await app.agent("POST", "/api/actions", customer(`Nobody works ${seconds}`), headers));
    };
    expect(await order({ three: ask(3), none: ask(0), one: ask(1) })).toEqual(["none", "one", "three"]);
    for (const { status, body } of answers) {
      expect(status).toBe(202);
      expect(body.data).toMatchObject({ status: "queued", poll_after_ms: 2_000, result: null });
    }
  });

  it("are refused with the limit's name beyond AGENT_WAITS; nothing is accepted, the others get their result", async () => {
    const held = names("held", LIMIT);
    const waiting = Promise.all(held.map(overRest));
    await eventually(async () => expect(await jobs("held")).toHaveLength(LIMIT));
    const one = customer("held too much");
    const refused = await app.agent("POST", "/api/actions", one, { prefer: "wait=1" });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(refused.body.error).toMatchObject({
      code: "rate_limited",
      retryable: true,
      message: expect.stringContaining(`${LIMIT} waiting requests at once per token`),
    });
    await expect(overMcp("held too much")).rejects.toThrow(`${LIMIT} waiting requests`);
    expect(await jobs("held")).toHaveLength(LIMIT);
    await theWorker();
    expect(await waiting).toEqual(held.map(result));
    expect(await overMcp("held again")).toEqual(result("held again"));
  });

  it(
    "all get their own result, 50 over REST and 50 over MCP at once",
    () => expectOwnResults("plain"),
    SLOWEST,
  );

  // Callers are woken by PostgreSQL, so the kind of queue does not matter.
  if (backend.kind === "redis") return;

  it("get a parked job when their time is up, and an ended job at once", async () => {
    await theWorker();
    const id = await johnsons(app.db);
    const parked = await app.act("contact", "delete", { id }, { reasoning: "They moved away." });
    const ended = await app.act("contact", "create", { name: "Soon done" });
    expect(ended.status).toBe("completed");
    const look = (job: JobView, seconds: number) =>
      app.agent("GET", `/api/jobs/${job.job_id}?wait=${seconds}`);
    const ask = (input: Record<string, unknown>) => model.call("job_status", input);
    const three = look(parked, 3);
    const came = await order({
      "parked, 3 s": three,
      "parked over MCP, 3 s": ask({ queue_id: parked.queue_id, wait_seconds: 3 }),
      "ended, 25 s": look(ended, LONG),
      "ended over MCP, 20 s": ask({ job_id: ended.job_id, wait_seconds: 20 }),
    });
    expect(came.slice(0, 2).sort()).toEqual(["ended over MCP, 20 s", "ended, 25 s"]);
    expect((await three).body.data).toMatchObject({
      status: "authorization_required",
      queue_id: parked.queue_id,
    });
    const again = { domain: "contact", action: "delete", data: { id }, reasoning: "They moved away." };
    expect(await app.agent("POST", "/api/actions", again, { prefer: "wait=20" })).toMatchObject({
      status: 202,
      body: { data: { job_id: parked.job_id, status: "authorization_required" } },
    });
  });

  it(
    "all get their own result while the LISTEN connection is terminated repeatedly",
    async () => {
      let cuts = 0;
      let cutting = true;
      let cutter = Promise.resolve();
      const cut = async () => {
        const { rowCount } = await asOwner(
          app.databaseUrl,
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND query = 'LISTEN ${CHANNEL}'`,
        );
        cuts += rowCount ?? 0;
      };
      await expectOwnResults("cut", async () => {
        // All callers wait and the worker is stopped: the second cut shows that the connection was restored meanwhile.
        await eventually(async () => {
          await cut();
          expect(cuts).toBeGreaterThan(1);
        });
        cutter = (async () => {
          while (cutting) await cut().then(() => setTimeout(50));
        })();
      }).finally(() => (cutting = false));
      await cutter;
    },
    SLOWEST,
  );

  it(
    "all get their own result although no notification is sent",
    async () => {
      const listener = new pg.Client({ connectionString: app.databaseUrl });
      let notifications = 0;
      listener.on("notification", () => notifications++);
      await listener.connect();
      await listener.query(`LISTEN ${CHANNEL}`);
      await worker?.end("SIGKILL");
      await disableNotify(app.databaseUrl);
      worker = await app.spawn("worker");
      await expectOwnResults("deaf")
        .then(() => listener.query("SELECT 1")) // Earlier notifications arrive before its result.
        .finally(() => listener.end());
      expect(notifications).toBe(0);
    },
    SLOWEST,
  );
});

/** New connections get a pg_notify() that does nothing; those of the queues are not affected. */
async function disableNotify(databaseUrl: string): Promise<void> {
  const database = new URL(databaseUrl).pathname.slice(1);
  await asOwner(databaseUrl, "CREATE FUNCTION public.pg_notify(text, text) RETURNS void LANGUAGE sql AS ''");
  await asOwner(databaseUrl, `ALTER DATABASE ${database} SET search_path = public, pg_catalog`);
}
