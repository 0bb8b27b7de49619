import { rows } from "../../src/database/sql.ts";
import type { AuditEntry } from "../../src/domain/engine/audit/entry.ts";
import { anyBackend } from "../support/backends.ts";
import { acceptedJob, makeLoggingClient, allCompletedOnce, requestFor } from "../support/client-log.ts";
import { eventually } from "../support/eventually.ts";
import { startApp, type TestApp } from "../support/app.ts";
import { preloading } from "../support/programs.ts";

/** WORKER_SILENCE; shorter than the default, because the test waits for it several times. */
const SILENCE_S = 4;
const WORKERS = 2;
/** How often a job is started that crashes its worker each time. */
const STARTS = 3;
const BESIDE = 10;
const RUN_ON = 20;

/** Restarts each worker when it exits, as a process supervisor does. */
function supervise(app: TestApp) {
  const outputs: string[] = [];
  let over = false;

  /** Runs one worker until it exits. */
  async function live(): Promise<void> {
    const nth = outputs.push("") - 1;
    try {
      const { child, output, end } = await app.spawn("worker", preloading("poison"));
      const listen = () => (outputs[nth] = output());
      child.stderr?.on("data", listen);
      listen();
      await end(over ? "SIGKILL" : "SIGCONT"); // SIGCONT does nothing; end() waits for the exit.
    } catch (error) {
      outputs[nth] = String(error); // It exited before it was ready.
    }
  }
  const keepOne = async () => {
    while (!over) await live();
  };
  const all = Promise.all(Array.from({ length: WORKERS }, keepOne));
  return {
    output: () => outputs.join("\n"),
    /** Workers that were ever ready. */
    ready: () => outputs.filter((text) => text !== "").length,
    async stop() {
      over = true;
      await Promise.all(app.processes.map(({ end }) => end("SIGKILL")));
      await all;
    },
  };
}

anyBackend("jobs that crash or block their worker", (backend) => {
  let app: TestApp;
  let workers: ReturnType<typeof supervise>;
  beforeAll(async () => {
    const env = { AGENT_CALLS_PER_MINUTE: "100000", WORKER_SILENCE: `${SILENCE_S}s` };
    app = await startApp(backend, { services: ["api,mcp"], env });
    workers = supervise(app);
  });
  afterAll(async () => {
    await workers.stop();
    await app.stop();
  });

  const submit = async (name: string) =>
    acceptedJob(await app.agent("POST", "/api/actions", requestFor(name)));
  const strikes = (name: string) => workers.output().split(`${name} strikes`).length - 1;

  it("fail after three starts and are in the audit log; other jobs run once each", async () => {
    const owner = await app.owner();
    const beside = makeLoggingClient(app);
    await eventually(() => expect(workers.ready()).toBeGreaterThanOrEqual(WORKERS), 120_000);
    const [loops] = await Promise.all([submit("Loops"), beside.submit(BESIDE, BESIDE)]);
    await eventually(() => expect(strikes("Loops")).toBe(1), 120_000);

    // While one worker is blocked, the other one runs what comes: these end before the block does.
    let duringTheBlock = 0;
    while (strikes("Loops") === 1 && duringTheBlock < RUN_ON) {
      const data = { name: "Runs on", allow_duplicate: true };
      expect(await app.act("contact", "create", data)).toMatchObject({ status: "completed" });
      if (strikes("Loops") === 1) duringTheBlock++;
    }
    expect(duringTheBlock).toBeGreaterThan(0);

    const [exits] = await Promise.all([submit("Exits"), beside.submit(BESIDE, BESIDE)]);
    const ended = async () =>
      rows(app.db.manager, "SELECT status, starts FROM job WHERE id = ANY($1)", [[loops, exits]]);
    const dead = { status: "failed", starts: STARTS };
    await eventually(async () => expect(await ended()).toEqual([dead, dead]), 120_000);
    await eventually(async () => expect(await beside.outcome()).toEqual(allCompletedOnce(beside.accepted)));
    expect([strikes("Loops"), strikes("Exits")]).toEqual([STARTS, STARTS]);
    expect(await rows(app.db.manager, "SELECT FROM contact WHERE name IN ('Loops', 'Exits')")).toEqual([]);

    for (const job of [loops, exits]) {
      const { body } = await owner.call<{ items: AuditEntry[] }>("GET", `/api/audit?job=${job}`);
      const error = { message: expect.stringContaining("crashed its worker 3 times") };
      expect(body.data.items).toMatchObject([{ job_id: job, status: "failed", error }]);
    }
  }, 300_000);

  it("are named, only by id, in the last log line of a worker that was blocked", async () => {
    const [loops] = await rows<{ id: string }>(
      app.db.manager,
      "SELECT id FROM job WHERE input->>'name' = 'Loops'",
    );
    const lines = (workers.output().match(/^\{.*is blocked.*\}$/gm) ?? []).map(
      (line) => JSON.parse(line) as { job_ids: string[] },
    );
    // On a busy machine, other workers may be blocked as long and log other jobs.
    const ofLoops = lines.filter(({ job_ids }) => job_ids.includes(loops?.id ?? ""));
    expect(ofLoops).toHaveLength(STARTS);
    for (const { job_ids, ...rest } of lines) {
      expect(job_ids.filter((id) => !/^job_\w+$/.test(id))).toEqual([]);
      expect(Object.keys(rest)).toEqual(["level", "time", "pid", "msg"]);
    }
  });
});
