import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import pg from "pg";
import { rows } from "../../../src/database/sql.ts";
import { importContacts } from "../../../src/data/import/contacts.ts";
import { makeRegistry } from "../../../src/domain/core/registry.ts";
import { domains } from "../../../src/domain/index.ts";
import { connectionWaitsForLock } from "../../support/act.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { theSettings } from "../../support/factories.ts";
import { tempFolder } from "../../support/leftovers.ts";
import { type Installation, makeInstallation } from "../../support/program.ts";
import { productProgram } from "../../support/programs.ts";

/** The row at which the program is killed: the tenth of the 21st batch of 25. */
const LAST = "Customer 509";
const IN_COMMITTED_BATCHES = 500;

/** Any key of an advisory lock. */
const LOCK = 42;

describe("an import of 1,000 rows, ten of them invalid, that was killed in the middle of a batch", () => {
  let test: TestDatabase;
  let desk: Installation;
  let owner: pg.Client;
  let file: string;
  beforeAll(async () => {
    test = await testDatabase();
    await theSettings(test.db);
    desk = await makeInstallation({}, productProgram());
    owner = new pg.Client(test.url);
    await owner.connect();
    file = join(await tempFolder("import"), "contacts.csv");
    const lines = Array.from({ length: 1_000 }, (_, at) => `Customer ${at},${at % 100 === 50 ? "12" : ""}`);
    await writeFile(file, `Name,Phone\n${lines.join("\n")}\n`);
  });
  afterAll(async () => {
    await owner.end();
    await desk.clear();
    await test.drop();
    await rm(join(file, ".."), { recursive: true });
  });

  const names = async () =>
    (await rows<{ name: string }>(test.db.manager, "SELECT name FROM contact")).map(({ name }) => name);
  const jobs = async () =>
    (
      await rows<{ status: string; count: number }>(
        test.db.manager,
        "SELECT status, count(*) FROM job WHERE principal = 'system:import' GROUP BY status",
      )
    ).map(({ status, count }) => `${count} ${status}`);
  const repeat = () => importContacts(test.db, makeRegistry(domains), { file });

  /** Kills the program with SIGKILL while it inserts a customer; resolves with its exit code. */
  async function killAt(name: string): Promise<number | null> {
    await owner.query(`SELECT pg_advisory_lock(${LOCK})`);
    await owner.query(`CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_advisory_xact_lock(${LOCK}); RETURN NEW; END $$`);
    await owner.query(`CREATE TRIGGER hold BEFORE INSERT ON contact FOR EACH ROW
      WHEN (NEW.name = '${name}') EXECUTE FUNCTION hold()`);
    const run = desk.run(["import", file], { DATABASE_URL: test.url });
    const waits = connectionWaitsForLock(test.db);
    const ended = run.exit.then((code) => Promise.reject(new Error(`exit ${code}: ${run.stderr()}`)));
    await Promise.race([waits, ended]);
    run.signal("SIGKILL");
    const code = await run.exit;
    await owner.query(`SELECT pg_advisory_unlock(${LOCK})`);
    await owner.query("DROP TRIGGER hold ON contact"); // Waits until the server has rolled the batch back.
    return code;
  }

  it("has written the batches before it, and nothing of that batch", async () => {
    expect(await killAt(LAST)).toBeNull();
    const written = Array.from({ length: IN_COMMITTED_BATCHES }, (_, at) => at).filter(
      (at) => at % 100 !== 50,
    );
    expect((await names()).sort()).toEqual(written.map((at) => `Customer ${at}`).sort());
    expect(await jobs()).toEqual(["495 completed"]);
  });

  it("is completed by a second run, which creates each missing customer once and reports the invalid rows", async () => {
    const report = await repeat();
    expect(report).toMatchObject({ created: 495, known: 495, failed: 10 });
    const failed = parse(await readFile(String(report.file)), { columns: true }) as { row: string }[];
    expect(failed.map(({ row }) => Number(row))).toEqual(
      Array.from({ length: 10 }, (_, at) => 52 + at * 100),
    );
    const all = await names();
    expect([all.length, new Set(all).size]).toEqual([990, 990]);
    expect(await jobs()).toEqual(["990 completed"]);
  });

  it("is not changed by a third run", async () => {
    expect(await repeat()).toMatchObject({ created: 0, known: 990, failed: 10 });
    expect(await names()).toHaveLength(990);
    expect(await jobs()).toEqual(["990 completed"]);
  });
});
