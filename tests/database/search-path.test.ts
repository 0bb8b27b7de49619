import { rows } from "../../src/database/sql.ts";
import { testDatabase, type TestDatabase } from "../support/database.ts";
import { aContact } from "../support/factories.ts";
import { agent, makePipeline } from "../support/pipeline.ts";

describe("every trigger function, and every function that runs as its owner,", () => {
  let test: TestDatabase;
  beforeAll(async () => void (test = await testDatabase()));
  afterAll(() => test.drop());

  it("has a fixed search_path that ends with pg_temp", async () => {
    const found = await rows<{ name: string; search_path: string | null }>(
      test.db.manager,
      `SELECT proname AS name, (SELECT setting FROM unnest(proconfig) setting WHERE setting LIKE 'search_path=%')
         AS search_path
       FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND (prorettype = 'trigger'::regtype OR prosecdef)
       ORDER BY proname`,
    );
    expect(found.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["erase_contact", "protect_final_job", "record_change", "refuse_truncate"]),
    );
    const loose = found.filter(({ search_path }) => search_path !== "search_path=public, pg_temp");
    expect(loose).toEqual([]);
  });

  it("finds the real tables where the session has temporary ones of the same name", async () => {
    const pipeline = makePipeline(test.db);
    const parked = await pipeline.ask(agent, "probe.swear", { id: (await aContact(test.db)).id });
    const { id, queue_id } = await pipeline.answer(parked);
    const forging = test.db.transaction(async (db) => {
      await db.query(
        "CREATE TEMP TABLE job ON COMMIT DROP AS SELECT $1 AS id, NULL::timestamptz AS finished_at",
        [id],
      );
      await db.query(`UPDATE public."authorization" SET status = 'superseded' WHERE id = $1`, [queue_id]);
    });
    await expect(forging).rejects.toMatchObject({ code: "CS002" });
  });
});
