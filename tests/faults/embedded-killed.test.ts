import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import pg from "pg";
import type { DataSource } from "typeorm";
import { connect } from "../../src/database/data-source.ts";
import {
  acceptedJob,
  allCompletedOnce,
  type Accepted,
  outcomeOf,
  requestFor,
} from "../support/client-log.ts";
import { eachBackend } from "../support/backends.ts";
import { type Answer, request } from "../support/app.ts";
import { eventually } from "../support/eventually.ts";
import { type Installation, makeInstallation, type Run } from "../support/program.ts";
import { productProgram } from "../support/programs.ts";

/** The contract's bound, from the kill to a ready answer. */
const HEALTHY_MS = 15_000;
const CALLERS = 8;
const RETRY_MS = 100;
const MAX_RESTARTS = 5;

/** Process and address of the running server. Throws between two: then the file has our pid, so that it counts as old. */
async function postmaster(dataDir: string): Promise<{ pid: number; port: number }> {
  const lines = (await readFile(join(dataDir, "postgres/data/postmaster.pid"), "utf8")).split("\n");
  expect(await readFile(`/proc/${lines[0]}/comm`, "utf8")).toBe("postgres\n");
  return { pid: Number(lines[0]), port: Number(lines[3]) };
}

async function urlOf(dataDir: string): Promise<string> {
  const password = (await readFile(join(dataDir, "postgres/password"), "utf8")).trim();
  return `postgres://countersign:${password}@127.0.0.1:${(await postmaster(dataDir)).port}/countersign`;
}

const isReady = async (url: string) => (await fetch(`${url}/readyz`)).status === 200;

/** Callers that each repeat a request under its key until it is accepted, as a client must; their log is the oracle. */
function makeLoad(url: string, token: string) {
  const accepted: Accepted[] = [];
  let asked = 0;
  let refusals = 0;
  let over = false;
  async function ask(name: string): Promise<Answer | undefined> {
    const headers = { authorization: `Bearer ${token}`, "idempotency-key": name };
    const answer = await request(url, "POST", "/api/actions", requestFor(name), headers).catch(
      () => undefined,
    );
    return answer && answer.status < 500 ? (answer as Answer) : undefined;
  }
  async function caller(): Promise<void> {
    while (!over) {
      const name = `Customer ${++asked}`;
      let answer = await ask(name);
      while (!answer && !over) {
        refusals++;
        await setTimeout(RETRY_MS);
        answer = await ask(name);
      }
      if (answer) accepted.push({ jobId: acceptedJob(answer), name });
    }
  }
  const callers = Array.from({ length: CALLERS }, caller);
  return {
    accepted,
    refusals: () => refusals,
    stop: () => void (over = true),
    async end() {
      over = true;
      await Promise.all(callers);
    },
  };
}

eachBackend("the embedded PostgreSQL, killed under load", (backend) => {
  let desk: Installation;
  let run: Run;
  let url: string;
  let db: DataSource;
  let load: ReturnType<typeof makeLoad>;
  beforeAll(async () => {
    desk = await makeInstallation({}, productProgram());
    const redis = backend.redisUrl();
    run = desk.run(["start"], { AGENT_CALLS_PER_MINUTE: "1000000", ...(redis && { REDIS_URL: redis }) });
    url = await run.ready;
    db = await connect(await urlOf(desk.dataDir), { poolSize: 2 });
  }, 120_000);
  afterAll(async () => {
    load.stop();
    await db.destroy();
    await desk.clear();
  });

  it("is healthy again within 15 s; every accepted request is carried out once", async () => {
    const { agent_token } = await desk.firstRun();
    load = makeLoad(url, agent_token);
    await eventually(() => expect(load.accepted.length).toBeGreaterThan(50));
    // A backend that computes does not notice that its postmaster is gone, and blocks the next start.
    const busy = new pg.Client({ connectionString: await urlOf(desk.dataDir) });
    busy.on("error", () => undefined);
    await busy.connect();
    busy.query("SELECT count(*) FROM generate_series(1, 100000000000)").catch(() => undefined);

    const { pid, port } = await postmaster(desk.dataDir);
    process.kill(pid, "SIGKILL");
    const killed = performance.now();
    await eventually(async () => {
      expect((await postmaster(desk.dataDir)).pid).not.toBe(pid);
      expect(await isReady(url)).toBe(true);
    });
    expect(performance.now() - killed).toBeLessThan(HEALTHY_MS);
    expect((await postmaster(desk.dataDir)).port).toBe(port);

    const before = load.accepted.length;
    await eventually(() => expect(load.accepted.length).toBeGreaterThan(before + 50));
    await load.end();
    expect(load.refusals()).toBeGreaterThan(0);
    await eventually(
      async () => expect(await outcomeOf({ db }, load.accepted)).toEqual(allCompletedOnce(load.accepted)),
      60_000,
    );
    const [{ customers }] = await db.query("SELECT count(*) AS customers FROM contact");
    expect(customers).toBe(load.accepted.length);
  }, 180_000);

  it("wakes a caller that waits, as before", async () => {
    const { agent_token } = await desk.firstRun();
    const headers = { authorization: `Bearer ${agent_token}`, prefer: "wait=20" };
    const { body } = await request(url, "POST", "/api/actions", requestFor("Last customer"), headers);
    expect(body).toMatchObject({ data: { status: "completed" } });
  });

  it("ends the process with one line when it dies a sixth time within ten minutes", async () => {
    for (let death = 2; death <= MAX_RESTARTS; death++) {
      const { pid } = await postmaster(desk.dataDir);
      process.kill(pid, "SIGKILL");
      await eventually(async () => {
        expect((await postmaster(desk.dataDir)).pid).not.toBe(pid);
        expect(await isReady(url)).toBe(true);
      }, 120_000);
    }
    process.kill((await postmaster(desk.dataDir)).pid, "SIGKILL");
    expect(await run.exit).toBe(1);
    const said = run
      .stderr()
      .split("\n")
      .filter((line) => line.startsWith("countersign: "));
    expect(said).toEqual([
      `countersign: DATA_DIR: PostgreSQL has died 6 times within ten minutes and is not started again. Read ${join(desk.dataDir, "postgres.log")}, remove the cause, and start Countersign.`,
    ]);
    expect(
      run
        .stderr()
        .trimEnd()
        .endsWith(said[0] ?? ""),
    ).toBe(true);
  }, 600_000);
});
