import pg from "pg";
import { eraseContact } from "../../../src/data/erase.ts";
import { verifyEvidence } from "../../../src/data/evidence/verify.ts";
import { rows } from "../../../src/database/sql.ts";
import { Seal } from "../../../src/entities/seal.ts";
import { sealEvidence } from "../../../src/workers/evidence.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { asAttacker, sealAll } from "../../support/evidence.ts";
import { aContact, aTechnician, theSettings, withJob } from "../../support/factories.ts";
import { aCustomerWithHistory, refusedRequests } from "../../support/personal-data.ts";
import { makePipeline } from "../../support/pipeline.ts";
import { testRegistry } from "../../support/probe-actions.ts";

let test: TestDatabase;
beforeAll(async () => void (test = await testDatabase()));
afterAll(() => test.drop());
beforeEach(async () => {
  await test.clear();
});

const clock = { now: () => new Date() };
/** As a worker does, with the rights of the application. */
const seal = () => sealEvidence.run({ db: test.db, registry: testRegistry, clock });
const verify = () => verifyEvidence(test.db);
const seals = () => test.db.getRepository(Seal).find({ order: { id: "ASC" } });

describe("sealing", () => {
  it("covers what is committed, and again only what came later", async () => {
    await aContact(test.db);
    await seal();
    await seal();
    expect(await seals()).toMatchObject([{ id: 1, table_name: "change", after_id: 0, row_count: 1 }]);
    await aContact(test.db);
    await seal();
    expect(await seals()).toMatchObject([{ last_id: 1 }, { id: 2, after_id: 1, row_count: 1 }]);
    expect(await verify()).toMatchObject({ problems: [], sealed: 2, waiting: 0 });
  });

  it("waits for a transaction that has taken a lower id and commits later", async () => {
    await withJob(test.db, async (manager) => {
      await aContact(manager, { name: "Early id, late commit" });
      await aContact(test.db, { name: "Late id, early commit" });
      await seal();
      await aContact(test.db, { name: "After the mark" });
      await seal();
      expect(await seals()).toEqual([]);
      expect(await verify()).toMatchObject({ problems: [], waiting: 2 });
    });
    await seal();
    await seal();
    expect(await verify()).toMatchObject({ problems: [], sealed: 3, waiting: 0 });
  });

  it("waits for a transaction that took an id before the mark and has not written its row yet", async () => {
    const client = new pg.Client(test.url);
    await client.connect();
    try {
      await client.query("BEGIN");
      await client.query(
        "INSERT INTO erasure (job_id, changes, decisions) SELECT 'none', '{}', '{}' WHERE false",
      );
      const { rows: taken } = await client.query("SELECT nextval('erasure_id_seq') AS id");
      await seal();
      expect(await seals()).toEqual([]);
      await client.query("ROLLBACK");
      await seal();
      expect(await seals()).toMatchObject([{ table_name: "erasure", last_id: taken[0].id, row_count: 0 }]);
    } finally {
      await client.end();
    }
  });

  it("leaves nothing out and adds nothing twice while jobs run and several workers seal", async () => {
    let writing = true;
    const workers = [1, 2, 3].map(async () => {
      while (writing) await seal();
    });
    const writers = [1, 2, 3, 4, 5].map(async () => {
      for (let nth = 0; nth < 12; nth++) await aContact(test.db);
    });
    await Promise.all(writers);
    writing = false;
    await Promise.all(workers);
    await seal();
    await seal();
    expect(await verify()).toMatchObject({ problems: [], sealed: 60, waiting: 0 });
  });

  it("seals a security event after two minutes, because attempts of a minute are counted in one row", async () => {
    const attempt = () =>
      rows(test.db.manager, "SELECT count_attempt('anonymous', 'POST /login', 'wrong', '::1')");
    await attempt();
    await seal();
    expect(await seals()).toEqual([]);
    await attempt();
    await asAttacker(test, "UPDATE seal_mark SET began_at = began_at - interval '119 seconds'");
    await sealAll(test);
    expect(await verify()).toMatchObject({ problems: [], waiting: 0 });
    await attempt(); // A clock that was set back leads to a sealed row, which stays as it is.
    await sealAll(test);
    expect(await verify()).toMatchObject({ problems: [] });
  });

  it("is refused to the application by any other way", async () => {
    for (const sql of [
      "SELECT seal_table('change')",
      "SELECT write_decision('authorization', 'a', 'authorized')",
      "SELECT record_erasure('job', '{}', '{}')",
      "INSERT INTO decision (table_name, record_id, status, hash) VALUES ('rule', 'r', 'created', '')",
      "UPDATE seal SET hash = ''",
      "DELETE FROM sealed_row",
      "UPDATE seal_mark SET last_id = 0",
      "INSERT INTO erasure (job_id, changes, decisions) VALUES ('job', '{}', '{}')",
      "DELETE FROM head_mail",
    ])
      await expect(rows(test.db.manager, sql)).rejects.toMatchObject({ code: "42501" });
  });
});

describe("an erasure", () => {
  it.each([
    ["before it is sealed", false],
    ["after it was sealed", true],
  ])("of a customer's history %s leaves nothing to find", async (_when, sealedBefore) => {
    const pipeline = makePipeline(test.db);
    await theSettings(test.db);
    await aTechnician(test.db);
    const { customer_id } = await aCustomerWithHistory(pipeline);
    await refusedRequests(pipeline, customer_id);
    if (sealedBefore) await sealAll(test);
    const job_id = await eraseContact(test.url, customer_id);
    expect((await verify()).problems).toEqual([]);
    await sealAll(test);
    const { problems, erasures, waiting } = await verify();
    expect({ problems, waiting }).toEqual({ problems: [], waiting: 0 });
    expect(erasures).toEqual(
      sealedBefore ? [{ job_id, at: expect.any(Date), rows: expect.any(Number) }] : [],
    );
  });

  it("deletes the salt, without which the hash of a name cannot be guessed", async () => {
    const { id } = await aContact(test.db, { name: "Quirinia Zwickelmann" });
    await sealAll(test);
    await eraseContact(test.url, id);
    const [first] = await rows<{ salt: string | null }>(
      test.db.manager,
      "SELECT salt FROM change WHERE record_id = $1 ORDER BY id",
      [id],
    );
    expect(first).toEqual({ salt: null });
  });
});
