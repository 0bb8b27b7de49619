import { rows } from "../../src/entities/database.ts";
import type { AuditEntry } from "../../src/domain/audit/entry.ts";
import { eachBackend } from "../support/backends.ts";
import { acceptedJob, aClient, allOnce, requestFor } from "../support/client-log.ts";
import { eventually } from "../support/eventually.ts";
import { aHouse, type House } from "../support/house.ts";
import { preloading } from "../support/preloading.ts";

/** How long a worker may stand still: shorter than by default, as this waits for it again and again. */
const SILENCE_S = 2;
const WORKERS = 2;
const BESIDE = 10;
const RUN_ON = 20;

/** Starts a worker anew whenever it ends, as whoever runs the product does. */
function supervise(house: House) {
  const said: string[] = [];
  let over = false;

  /** One life of a worker, to its end. */
  async function live(): Promise<void> {
    const nth = said.push("") - 1;
    try {
      const { child, output, end } = await house.spawn("worker", preloading("poison.ts"));
      const listen = () => (said[nth] = output());
      child.stderr?.on("data", listen);
      listen();
      await end(over ? "SIGKILL" : "SIGCONT"); // Which does nothing, and waits for its end.
    } catch (error) {
      said[nth] = String(error); // It went down before it was ready.
    }
  }
  const keepOne = async () => {
    while (!over) await live();
  };
  const all = Promise.all(Array.from({ length: WORKERS }, keepOne));
  return {
    said: () => said.join("\n"),
    async stop() {
      over = true;
      await Promise.all(house.processes.map(({ end }) => end("SIGKILL")));
      await all;
    },
  };
}

eachBackend("jobs that take their worker down, by its exit or an endless loop,", (backend) => {
  let house: House;
  let workers: ReturnType<typeof supervise>;
  beforeAll(async () => {
    const env = { AGENT_CALLS_PER_MINUTE: "100000", WORKER_SILENCE: `${SILENCE_S}s` };
    house = await aHouse(backend, { services: ["api,mcp"], env });
    workers = supervise(house);
  });
  afterAll(async () => {
    await workers.stop();
    await house.stop();
  });

  const submit = async (name: string) =>
    acceptedJob(await house.agent("POST", "/api/actions", requestFor(name)));
  const strikes = (name: string) => workers.said().split(`${name} strikes`).length - 1;

  it("are dead after three starts and shown to a person; the others run on, each once", async () => {
    const owner = await house.owner();
    const beside = aClient(house);
    const [loops] = await Promise.all([submit("Loops"), beside.submit(BESIDE, BESIDE)]);
    await eventually(() => expect(strikes("Loops")).toBe(1));

    // While one worker stands still, nobody but those in its hands waits for it.
    const took: number[] = [];
    while (took.length < RUN_ON) {
      const asked = performance.now();
      const data = { name: "Runs on", allow_duplicate: true };
      expect(await house.act("contact", "create", data)).toMatchObject({ status: "completed" });
      took.push(performance.now() - asked);
    }
    took.sort((one, other) => one - other);
    expect(took[Math.floor((RUN_ON - 1) * 0.95)]).toBeLessThan(SILENCE_S * 1_000);

    const [exits] = await Promise.all([submit("Exits"), beside.submit(BESIDE, BESIDE)]);
    const ended = async () =>
      rows(house.db.manager, "SELECT status, starts FROM job WHERE id = ANY($1)", [[loops, exits]]);
    const dead = { status: "failed", starts: 3 };
    await eventually(async () => expect(await ended()).toEqual([dead, dead]), 120_000);
    await eventually(async () => expect(await beside.verdict()).toEqual(allOnce(beside.accepted)));
    expect(await rows(house.db.manager, "SELECT FROM contact WHERE name IN ('Loops', 'Exits')")).toEqual([]);

    for (const job of [loops, exits]) {
      const { body } = await owner.call<{ items: AuditEntry[] }>("GET", `/api/audit?job=${job}`);
      const error = { message: expect.stringContaining("stopped its worker 3 times") };
      expect(body.data.items).toMatchObject([{ job_id: job, status: "failed", error }]);
    }
  }, 180_000);

  it("are named in the last line of a worker that the loop held, by their id and nothing else", async () => {
    const [loops] = await rows<{ id: string }>(
      house.db.manager,
      "SELECT id FROM job WHERE input->>'name' = 'Loops'",
    );
    const lines = workers.said().match(/^\{.*stands still.*\}$/gm) ?? [];
    expect(lines).toHaveLength(strikes("Loops"));
    for (const line of lines) {
      const { job_ids, ...rest } = JSON.parse(line) as { job_ids: string[] };
      expect(job_ids).toContain(loops?.id);
      expect(job_ids.filter((id) => !/^job_\w+$/.test(id))).toEqual([]);
      expect(Object.keys(rest)).toEqual(["level", "time", "pid", "msg"]);
    }
  });
});
