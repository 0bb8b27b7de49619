import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { JobView } from "../../src/domain/core/ports.ts";
import { type TestBackend, eachBackend } from "../support/backends.ts";
import { type Accepted, allOnce, requestFor, verdictOn } from "../support/client-log.ts";
import { eventually } from "../support/eventually.ts";
import { type Answer, aHouse, type House, type Process, SHORT_SILENCE } from "../support/house.ts";
import { askToDelete } from "../support/parked.ts";

const CALLERS = 12;
/** Longer than any wait: a call that takes this long hangs. */
const HANGS_MS = 30_000;
const env = { AGENT_CALLS_PER_MINUTE: "100000", AGENT_WAITS: "1000", ...SHORT_SILENCE };

/** Calls as a patient client does: what was cut off or refused for now is sent again, to whichever API is up. */
function aPatientClient(house: House, apis: () => readonly string[]) {
  let turn = 0;
  return async (method: string, path: string, headers: Record<string, string> = {}, body?: unknown) => {
    for (;;) {
      const fronts = apis();
      const url = new URL(path, fronts[turn++ % fronts.length]);
      const response = await fetch(url, {
        method,
        headers: { authorization: `Bearer ${house.token}`, "content-type": "application/json", ...headers },
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

/** Callers that ask, wait and ask again until they are told to stop; what was accepted is their log. */
function underLoad(house: House, apis: () => readonly string[]) {
  const call = aPatientClient(house, apis);
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
    /** Until so many more have been accepted. */
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

/** Ends cleanly within the ten seconds that it has. */
async function stopsCleanly(process: Process): Promise<void> {
  const late = AbortSignal.timeout(10_000);
  expect({ code: await process.end("SIGTERM"), late: late.aborted }).toEqual({ code: 0, late: false });
}

const fiveProcesses = async (backend: TestBackend) => {
  const house = await aHouse(backend, {
    services: ["api,mcp", "api,mcp", "worker", "worker", "worker"],
    env,
  });
  const [first, second, ...workers] = house.processes as [Process, Process, ...Process[]]; // As asked for.
  return { house, first, second, workers };
};

eachBackend("two API and three worker processes", (backend) => {
  let five: Awaited<ReturnType<typeof fiveProcesses>>;
  beforeAll(async () => {
    five = await fiveProcesses(backend);
  }, 180_000);
  afterAll(() => five?.house.stop());

  it("wake a caller of one API by what a person decides on the other", async () => {
    const { house, first, second } = five;
    const [parked] = await askToDelete(house, 1);
    const owner = await house.owner();
    const there = aPatientClient(house, () => [second.url]);
    const waiting = there("GET", `/api/jobs/${parked?.job_id}?wait=25`);
    await eventually(async () => expect(await waitingCallers(second)).toBe(1));
    expect(await waitingCallers(first)).toBe(0);
    expect((await owner.decide(parked?.queue_id ?? "", { decision: "authorized" })).status).toBe(200);
    expect((await waiting).data).toMatchObject({ job_id: parked?.job_id, status: "completed" });
  });

  it("lose nothing, do nothing twice and leave nobody hanging, whichever of them is stopped or killed", async () => {
    const { house, first, second, workers } = five;
    const fronts = [first.url, second.url];
    const load = underLoad(house, () => fronts);
    await load.more(30);

    await stopsCleanly(workers[0] as Process);
    await load.more(30);
    await workers[1]?.end("SIGKILL");
    await load.more(30);

    fronts.splice(0, 1);
    await stopsCleanly(first);
    await load.more(30);
    const third = await house.spawn("api,mcp");
    fronts.push(third.url);
    await load.more(10);
    await second.end("SIGKILL");
    await load.more(30);

    await load.stop();
    const verdict = () => verdictOn(house, load.accepted);
    await eventually(async () => expect(await verdict()).toEqual(allOnce(load.accepted)));
  }, 180_000);
});

const waitingCallers = async ({ url }: Process): Promise<number> => {
  const text = await (await fetch(new URL("/metrics", url))).text();
  return Number(/^countersign_waiting_callers (\d+)$/m.exec(text)?.[1]);
};

eachBackend("a process that is asked to stop", (backend) => {
  let house: House;
  beforeAll(async () => {
    house = await aHouse(backend, { services: ["api,mcp"], env });
  });
  afterAll(() => house?.stop());

  it("finishes the jobs it holds", async () => {
    const worker = await house.spawn("worker");
    const { result } = await house.act("contact", "create", { name: "Held" });
    const { id } = result as { id: string }; // A create's result is the record.
    const holder = house.db.createQueryRunner();
    await holder.startTransaction();
    await holder.query("SELECT FROM contact WHERE id = $1 FOR UPDATE", [id]);
    const update = { domain: "contact", action: "update", data: { id, notes: "Finished" } };
    const { body } = await house.agent("POST", "/api/actions", update);
    await eventually(async () => {
      const held = await house.db.query("SELECT FROM pg_locks WHERE NOT granted");
      expect(held).not.toEqual([]);
    });
    const stopped = stopsCleanly(worker);
    await holder.commitTransaction();
    await holder.release();
    await stopped;
    const job = await house.agent<JobView>("GET", `/api/jobs/${body.data.job_id}`);
    expect(job.body.data).toMatchObject({ status: "completed", result: { notes: "Finished" } });
  });

  it("answers those who wait, and what they asked for is done by another", async () => {
    const [api] = house.processes as [Process];
    const names = Array.from({ length: 10 }, (_, index) => `Waits ${index}`);
    const waiting = Promise.all(
      names.map((name) => house.agent("POST", "/api/actions", requestFor(name), { prefer: "wait=25" })),
    );
    await eventually(async () => expect(await waitingCallers(api)).toBe(names.length));
    await stopsCleanly(api);
    const answers = await waiting;
    expect(answers.map(({ status, body }) => [status, body.data.status])).toEqual(
      names.map(() => [202, "queued"]),
    );
    await house.spawn("worker");
    const accepted = answers.map(({ body }, index) => ({
      jobId: body.data.job_id,
      name: names[index] ?? "",
    }));
    await eventually(async () => expect(await verdictOn(house, accepted)).toEqual(allOnce(accepted)));
  });
});
