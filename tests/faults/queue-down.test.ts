import { setTimeout } from "node:timers/promises";
import { eachBackend, type TestBackend } from "../support/backends.ts";
import { makeLoggingClient, allCompletedOnce } from "../support/client-log.ts";
import { eventually } from "../support/eventually.ts";
import { asOwner } from "../support/flush-queue.ts";
import { startApp, type TestApp, SHORT_SILENCE } from "../support/app.ts";
import { askToDelete } from "../support/parked.ts";
import pg from "pg";

/** Duration of the outage; 30 s in a long run. */
const DOWN_MS = Number(process.env["FAULT_DOWN_MS"] ?? 5_000);
/** The contract's bound for an answer while the queue is down. */
const P99_MS = 1_000;

/** A queue that is gone rejects at once; a silent one never answers. */
type Outage = { title: string; begin(backend: TestBackend, app: TestApp): Promise<() => Promise<void>> };

const outages: Outage[] = [
  {
    title: "gone",
    async begin(backend, app) {
      if (backend.kind === "redis") {
        backend.redis().kill("SIGKILL");
        return () => backend.redis().restart();
      }
      await asOwner(app.databaseUrl, "REVOKE USAGE ON SCHEMA bullmq FROM countersign_app");
      return async () =>
        void (await asOwner(app.databaseUrl, "GRANT USAGE ON SCHEMA bullmq TO countersign_app"));
    },
  },
  {
    title: "silent",
    async begin(backend, app) {
      if (backend.kind === "redis") {
        backend.redis().kill("SIGSTOP");
        return async () => backend.redis().kill("SIGCONT");
      }
      // The lock that VACUUM FULL or a migration takes.
      const owner = new pg.Client({ connectionString: app.databaseUrl });
      await owner.connect();
      await owner.query("BEGIN; LOCK TABLE bullmq.job IN ACCESS EXCLUSIVE MODE");
      return () => owner.end();
    },
  },
];

eachBackend("a queue that is down", (backend) => {
  let app: TestApp;
  beforeAll(async () => {
    const env = { AGENT_CALLS_PER_MINUTE: "100000", ...SHORT_SILENCE };
    app = await startApp(backend, { services: ["api,mcp", "worker"], env });
  });
  afterAll(() => app.stop());

  it.each(outages)(
    "does not delay the API's answers when it is $title, and all accepted jobs complete afterwards",
    async ({ begin }) => {
      const owner = await app.owner();
      const [parked] = await askToDelete(app, 1);
      const client = makeLoggingClient(app);
      const answeredAfter: number[] = [];
      const timed = async (work: () => Promise<unknown>) => {
        const asked = performance.now();
        await work();
        answeredAfter.push(performance.now() - asked);
      };

      const end = await begin(backend, app);
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
      await eventually(
        async () => expect(await client.outcome()).toEqual(allCompletedOnce(client.accepted)),
        60_000,
      );
      await eventually(async () => {
        const { body } = await app.agent("GET", `/api/jobs/${parked?.job_id}`);
        expect(body.data.status).toBe("completed");
      });
    },
    180_000,
  );
});
