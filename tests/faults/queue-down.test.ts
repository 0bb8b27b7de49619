import { setTimeout } from "node:timers/promises";
import { eachBackend, type TestBackend } from "../support/backends.ts";
import { aClient, allOnce } from "../support/client-log.ts";
import { eventually } from "../support/eventually.ts";
import { asOwner } from "../support/flush.ts";
import { aHouse, type House, SHORT_SILENCE } from "../support/house.ts";
import { askToDelete } from "../support/parked.ts";
import pg from "pg";

/** How long the queue stays away; 30 s in a long run. */
const DOWN_MS = Number(process.env["FAULT_DOWN_MS"] ?? 5_000);
/** The contract's bound for an answer while the queue is down. */
const P99_MS = 1_000;

/** A queue that is gone refuses at once, one that is silent never answers. */
type Outage = { title: string; begin(backend: TestBackend, house: House): Promise<() => Promise<void>> };

const outages: Outage[] = [
  {
    title: "gone",
    async begin(backend, house) {
      if (backend.kind === "redis") {
        backend.redis().kill("SIGKILL");
        return () => backend.redis().restart();
      }
      await asOwner(house.databaseUrl, "REVOKE USAGE ON SCHEMA bullmq FROM countersign_app");
      return async () =>
        void (await asOwner(house.databaseUrl, "GRANT USAGE ON SCHEMA bullmq TO countersign_app"));
    },
  },
  {
    title: "silent",
    async begin(backend, house) {
      if (backend.kind === "redis") {
        backend.redis().kill("SIGSTOP");
        return async () => backend.redis().kill("SIGCONT");
      }
      // As maintenance (VACUUM FULL, a migration) would hold it.
      const owner = new pg.Client({ connectionString: house.databaseUrl });
      await owner.connect();
      await owner.query("BEGIN; LOCK TABLE bullmq.job IN ACCESS EXCLUSIVE MODE");
      return () => owner.end();
    },
  },
];

eachBackend("a queue that is down", (backend) => {
  let house: House;
  beforeAll(async () => {
    const env = { AGENT_CALLS_PER_MINUTE: "100000", ...SHORT_SILENCE };
    house = await aHouse(backend, { services: ["api,mcp", "worker"], env });
  });
  afterAll(() => house.stop());

  it.each(outages)(
    "leaves the API answering at once when it is $title; all that it accepted ends",
    async ({ begin }) => {
      const owner = await house.owner();
      const [parked] = await askToDelete(house, 1);
      const client = aClient(house);
      const answeredAfter: number[] = [];
      const timed = async (work: () => Promise<unknown>) => {
        const asked = performance.now();
        await work();
        answeredAfter.push(performance.now() - asked);
      };

      const end = await begin(backend, house);
      const until = Date.now() + DOWN_MS;
      const decision = timed(() => owner.decide(parked?.queue_id ?? "", { decision: "authorized" }));
      while (Date.now() < until) {
        await timed(() => client.submit(1, 1));
        await setTimeout(50);
      }
      await decision;
      await end();

      answeredAfter.sort((one, other) => one - other);
      expect(answeredAfter[Math.floor((answeredAfter.length - 1) * 0.99)]).toBeLessThan(P99_MS);
      await eventually(async () => expect(await client.verdict()).toEqual(allOnce(client.accepted)), 60_000);
      await eventually(async () => {
        const { body } = await house.agent("GET", `/api/jobs/${parked?.job_id}`);
        expect(body.data.status).toBe("completed");
      });
    },
    180_000,
  );
});
