import { inspect } from "node:util";
import pg from "pg";
import { connectQueues, enqueue } from "../../src/queue/index.ts";
import { serverUrl, testDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";

describe("a worker on PostgreSQL whose first connect fails", () => {
  it("runs jobs as soon as the database accepts connections", async () => {
    const database = await testDatabase();
    const name = new URL(database.url).pathname.slice(1);
    const admin = new pg.Client(serverUrl("postgres"));
    await admin.connect();
    await database.db.destroy();
    const refused: unknown[] = [];
    const queues = await connectQueues({
      databaseUrl: database.url,
      log: { warn: (fields) => refused.push(fields) },
    });

    await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
    await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [name]);
    const ran: (string | undefined)[] = [];
    const worker = queues.worker("actions", async ({ id }) => void ran.push(id), { concurrency: 1 });
    await eventually(() => expect(inspect(refused)).toContain("not currently accepting"));
    await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);

    await eventually(() =>
      enqueue(queues.queue("actions"), { id: "job_first-1", data: { jobId: "job_first" } }),
    );
    await eventually(() => expect(ran).toEqual(["job_first-1"]));
    await worker.close();
    await queues.close();
    await admin.end();
    await database.drop();
  });
});
