import { setTimeout } from "node:timers/promises";
import pg from "pg";
import { newId } from "../../src/domain/core/ids.ts";
import type { JobView } from "../../src/domain/core/ports.ts";
import { Job } from "../../src/entities/job.ts";
import { ApiToken } from "../../src/entities/user.ts";
import { CHANNEL } from "../../src/workers/bell.ts";
import { eachBackend } from "../support/backends.ts";
import { eventually } from "../support/eventually.ts";
import { asOwner } from "../support/flush.ts";
import { type Answer, aHouse, type House, type Process } from "../support/house.ts";
import { johnsons } from "../support/johnsons.ts";
import { connectOverHttp, placeOf, type TestClient } from "../support/mcp-clients.ts";

const CALLERS = 50;
/** Everybody at once, and those who wait in vain beside them. */
const LIMIT = 2 * CALLERS + 3;
const LONG = 25;
/** For a machine that has much else to do; ms. */
const SLOWEST = 180_000;

const names = (what: string, count = CALLERS) =>
  Array.from({ length: count }, (_, caller) => `${what} ${caller}`);
const customer = (name: string) => ({ domain: "contact", action: "create", data: { name } });

eachBackend("callers that wait", (backend) => {
  let house: House;
  let model: TestClient;
  let worker: Process | undefined;
  beforeAll(async () => {
    house = await aHouse(backend, { services: ["api,mcp"], env: { AGENT_WAITS: String(LIMIT) } });
    model = await connectOverHttp(placeOf(house));
  });
  afterAll(async () => {
    await model.close();
    await house.stop();
  });
  const theWorker = async (): Promise<Process> => (worker ??= await house.spawn("worker"));

  /** Each asks again while its time is up too soon, as a slow machine makes it. */
  const overRest = async (name: string): Promise<JobView> => {
    const headers = { prefer: `wait=${LONG}` };
    const { body } = await house.agent("POST", "/api/actions", customer(name), headers);
    if (!body.success) throw new Error(body.error.message);
    let job = body.data;
    while (job.finished_at === null)
      job = (await house.agent("GET", `/api/jobs/${job.job_id}?wait=${LONG}`)).body.data;
    return job;
  };
  const call = async (tool: string, input: Record<string, unknown>): Promise<JobView> => {
    const { structured, isError, text } = await model.call(tool, { ...input, wait_seconds: 20 });
    if (isError) throw new Error(text);
    return structured as JobView;
  };
  const overMcp = async (name: string): Promise<JobView> => {
    let job = await call("crm_action", customer(name));
    while (job.finished_at === null) job = await call("job_status", { job_id: job.job_id });
    return job;
  };
  const jobs = async (what: string) =>
    (await house.db.query("SELECT id, finished_at FROM job WHERE input->>'name' LIKE $1", [`${what} %`])) as {
      id: string;
      finished_at: Date | null;
    }[];
  const allAsked = (what: string) =>
    eventually(async () => expect(await jobs(what)).toHaveLength(CALLERS), SLOWEST);
  const result = (name: string) =>
    expect.objectContaining({ status: "completed", result: expect.objectContaining({ name }) });

  /** Ends when its time is up: nobody has put this job on a queue. */
  async function waitInVain(seconds: number): Promise<string> {
    const { id } = await house.db.manager.findOneByOrFail(ApiToken, { name: "Office manager" });
    const made = { id: newId("job"), action: "contact.create", input: {}, digest: "none" };
    const own = {
      principal: `agent:${id}`,
      principal_kind: "agent" as const,
      principal_name: "Office manager",
    };
    await house.db.manager.insert(Job, { ...made, ...own });
    const { status } = await house.agent("GET", `/api/jobs/${made.id}?wait=${seconds}`);
    return `time is up (${status})`;
  }

  /** All ask at once while the worker is held; `meanwhile` happens; then it goes on, and nobody waits longer than the jobs take. */
  async function everybodyGetsTheirs(what: string, meanwhile: () => Promise<unknown> = async () => {}) {
    const { child } = await theWorker();
    child.kill("SIGSTOP");
    const rest = Promise.all(names(`${what} rest`).map(overRest));
    const mcp = Promise.all(names(`${what} mcp`).map(overMcp));
    const asked = Promise.all([allAsked(`${what} rest`), allAsked(`${what} mcp`)]);
    await Promise.race([asked, rest, mcp]); // Whoever is refused says so at once.
    await meanwhile();
    child.kill("SIGCONT");
    const open = async () => (await jobs(what)).filter(({ finished_at }) => finished_at === null);
    await eventually(async () => expect(await open()).toEqual([]), SLOWEST);
    const timeIsUp = waitInVain(5).catch(() => "cut off"); // By the end of the house.
    expect(await Promise.race([timeIsUp, Promise.all([rest, mcp]).then(() => "in time")])).toBe("in time");
    expect(await rest).toEqual(names(`${what} rest`).map(result));
    expect(await mcp).toEqual(names(`${what} mcp`).map(result));
  }

  /** The answers in the order they came, by what they were called. */
  async function order(asked: Record<string, Promise<unknown>>): Promise<string[]> {
    const came: string[] = [];
    await Promise.all(Object.entries(asked).map(([name, answer]) => answer.then(() => came.push(name))));
    return came;
  }

  it("are told so with 202 when their time is up and nobody has carried out their job", async () => {
    const answers: Answer[] = [];
    const ask = async (seconds: number) => {
      const headers = { prefer: `wait=${seconds}` };
      answers.push(await house.agent("POST", "/api/actions", customer(`Nobody works ${seconds}`), headers));
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
    const refused = await house.agent("POST", "/api/actions", one, { prefer: "wait=1" });
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
    () => everybodyGetsTheirs("plain"),
    SLOWEST,
  );

  // What wakes them is PostgreSQL, whatever the queue.
  if (backend.kind === "redis") return;

  it("are told so when their time is up and a person has not decided, and at once of a job that has ended", async () => {
    await theWorker();
    const id = await johnsons(house.db);
    const parked = await house.act("contact", "delete", { id }, { reasoning: "They moved away." });
    const ended = await house.act("contact", "create", { name: "Soon done" });
    expect(ended.status).toBe("completed");
    const look = (job: JobView, seconds: number) =>
      house.agent("GET", `/api/jobs/${job.job_id}?wait=${seconds}`);
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
    expect(await house.agent("POST", "/api/actions", again, { prefer: "wait=20" })).toMatchObject({
      status: 202,
      body: { data: { job_id: parked.job_id, status: "authorization_required" } },
    });
  });

  it(
    "all get it while the line that wakes them is cut again and again",
    async () => {
      let cuts = 0;
      let cutting = true;
      let cutter = Promise.resolve();
      const cut = async () => {
        const { rowCount } = await asOwner(
          house.databaseUrl,
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND query = 'LISTEN ${CHANNEL}'`,
        );
        cuts += rowCount ?? 0;
      };
      await everybodyGetsTheirs("cut", async () => {
        await cut();
        cutter = (async () => {
          while (cutting) await cut().then(() => setTimeout(50));
        })();
      }).finally(() => (cutting = false));
      await cutter;
      expect(cuts).toBeGreaterThan(1);
    },
    SLOWEST,
  );

  it(
    "all get it though no call reaches anybody",
    async () => {
      const listener = new pg.Client({ connectionString: house.databaseUrl });
      let heard = 0;
      listener.on("notification", () => heard++);
      await listener.connect();
      await listener.query(`LISTEN ${CHANNEL}`);
      await worker?.end("SIGKILL");
      await swallowCalls(house.databaseUrl);
      worker = await house.spawn("worker");
      await everybodyGetsTheirs("deaf")
        .then(() => listener.query("SELECT 1")) // What was sent before comes before its answer.
        .finally(() => listener.end());
      expect(heard).toBe(0);
    },
    SLOWEST,
  );
});

/** From now on new connections find a pg_notify() that tells nobody; queues keep their own. */
async function swallowCalls(databaseUrl: string): Promise<void> {
  const database = new URL(databaseUrl).pathname.slice(1);
  await asOwner(databaseUrl, "CREATE FUNCTION public.pg_notify(text, text) RETURNS void LANGUAGE sql AS ''");
  await asOwner(databaseUrl, `ALTER DATABASE ${database} SET search_path = public, pg_catalog`);
}
