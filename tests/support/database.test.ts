import { rows } from "../../src/database/sql.ts";
import { testDatabase, type TestDatabase } from "./database.ts";
import { aTicket } from "./factories.ts";
import { agent, testPipeline } from "./pipeline.ts";

/** The rows of each table and where each counter stands. */
async function contents({ db }: TestDatabase): Promise<unknown> {
  const tables = await rows<{ name: string }>(
    db.manager,
    `SELECT schemaname || '.' || tablename AS name FROM pg_tables
     WHERE schemaname IN ('public', 'bullmq') AND has_table_privilege(schemaname || '.' || tablename, 'SELECT')
     ORDER BY name`,
  );
  const counted = tables
    .map(({ name }) => `SELECT '${name}' AS name, count(*) FROM ${name}`)
    .join(" UNION ALL ");
  const counters = "SELECT sequencename, last_value FROM pg_sequences ORDER BY sequencename";
  return [await rows(db.manager, `${counted} ORDER BY name`), await rows(db.manager, counters)];
}

describe("a cleared database", () => {
  it("holds what a new one holds", async () => {
    const { test, pipeline } = await testPipeline();
    const fresh = await testDatabase();
    try {
      const { id } = await aTicket(test.db, { status: "scheduled" });
      expect(await pipeline.ask(agent, "ticket.cancel", { id, reason: "Rain." })).toMatchObject({
        status: "completed",
      });
      expect(await contents(test)).not.toEqual(await contents(fresh));
      await test.clear();
      expect(await contents(test)).toEqual(await contents(fresh));
    } finally {
      await Promise.all([test.drop(), fresh.drop()]);
    }
  });
});
