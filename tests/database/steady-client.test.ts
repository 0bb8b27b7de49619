import pg from "pg";
import { SteadyClient } from "../../src/database/steady-client.ts";
import { testDatabase, type TestDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { asOwner } from "../support/flush-queue.ts";

let test: TestDatabase;
beforeAll(async () => void (test = await testDatabase()));
afterAll(() => test.drop());

it("a connection that is lost between two statements ends nothing but its next statement", async () => {
  const pool = new pg.Pool({ connectionString: test.url, max: 1, Client: SteadyClient });
  try {
    const client = await pool.connect();
    const { rows } = await client.query("SELECT pg_backend_pid() AS pid");
    await asOwner(test.url, `SELECT pg_terminate_backend(${rows[0].pid})`);
    // Without a listener, the loss would be an uncaught error here.
    const error = await eventually(async () => {
      const answer = await client.query("SELECT 1").catch((error: Error) => error);
      if (!(answer instanceof Error)) throw new Error("still connected");
      return answer;
    });
    client.release(error);
    expect((await pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  } finally {
    await pool.end();
  }
});
