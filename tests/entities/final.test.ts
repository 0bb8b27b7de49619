import { newId } from "../../src/domain/core/ids.ts";
import { Authorization } from "../../src/entities/authorization.ts";
import { rows } from "../../src/entities/database.ts";
import { Job } from "../../src/entities/job.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { aContact } from "../support/factories.ts";
import { agent, makePipeline, type Pipeline } from "../support/pipeline.ts";

const FINAL = { code: "CS002" };
const NOT_GRANTED = { code: "42501" };

describe("the database keeps what has happened:", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  beforeAll(async () => {
    test = await testDatabase();
    pipeline = makePipeline(test.db);
  });
  afterAll(() => test.drop());

  const sql = (text: string, parameters: unknown[] = []) => rows(test.db.manager, text, parameters);
  const parked = async () => pipeline.ask(agent, "errand.swear", { id: (await aContact(test.db)).id });

  it("the record of changes, which only the trigger writes", async () => {
    await aContact(test.db);
    for (const write of [
      "DELETE FROM change",
      "UPDATE change SET after = '{}'",
      "TRUNCATE change",
      "INSERT INTO change (job_id, table_name, record_id, operation) VALUES ('job', 'contact', 'c', 'insert')",
    ])
      await expect(sql(write)).rejects.toMatchObject(NOT_GRANTED);
    const forged = test.db.transaction(async (db) => {
      await db.query("CREATE TEMPORARY TABLE contact (id text)");
      await db.query(
        "CREATE TRIGGER forged AFTER INSERT ON pg_temp.contact FOR EACH ROW EXECUTE FUNCTION public.record_change()",
      );
    });
    await expect(forged).rejects.toMatchObject(NOT_GRANTED);
  });

  it("refused attempts", async () => {
    await sql(
      "INSERT INTO security_event (principal, route, reason) VALUES ('anonymous', 'GET /', 'a test')",
    );
    for (const write of ["UPDATE security_event SET reason = ''", "DELETE FROM security_event"])
      await expect(sql(write)).rejects.toMatchObject(NOT_GRANTED);
  });

  it("who narrowed or revoked a rule", async () => {
    for (const write of ["UPDATE rule_change SET after = NULL", "DELETE FROM rule_change"])
      await expect(sql(write)).rejects.toMatchObject(NOT_GRANTED);
  });

  it("jobs, decisions and rules", async () => {
    for (const table of ["job", '"authorization"', "rule", "delivery"]) {
      await expect(sql(`DELETE FROM ${table}`)).rejects.toMatchObject(NOT_GRANTED);
      await expect(sql(`TRUNCATE ${table} CASCADE`)).rejects.toMatchObject(NOT_GRANTED);
    }
  });

  it("how a job has ended", async () => {
    const { id } = await pipeline.ask(agent, "contact.create", { name: "A" });
    await expect(
      test.db.manager.update(Job, id, { status: "queued", finished_at: null }),
    ).rejects.toMatchObject(FINAL);
    await expect(sql("UPDATE job SET result = NULL WHERE id = $1", [id])).rejects.toMatchObject(FINAL);
  });

  it("that an open job has no end and an ended one has", async () => {
    const { id } = await parked();
    await expect(test.db.manager.update(Job, id, { status: "completed" })).rejects.toMatchObject({
      constraint: "job_finished",
    });
  });

  it.each(["denied", "expired", "withdrawn", "superseded"] as const)(
    "a question that is %s",
    async (status) => {
      const { queue_id } = await parked();
      await test.db.manager.update(Authorization, queue_id ?? "", { status });
      for (const next of ["pending", "authorized", "superseded"] as const)
        await expect(
          test.db.manager.update(Authorization, queue_id ?? "", { status: next }),
        ).rejects.toMatchObject(FINAL);
    },
  );

  it("a decision, which may be superseded while its job is open and stays on the row", async () => {
    const allow = (id: string) => test.db.manager.update(Authorization, id, { status: "authorized" });
    const supersede = (id: string, more: Partial<Authorization> = {}) =>
      test.db.manager.update(Authorization, id, {
        status: "superseded",
        superseded_by: "auth_next",
        ...more,
      } as object);
    const open = (await parked()).queue_id ?? "";
    await allow(open);
    for (const status of ["pending", "denied", "expired", "authorized"] as const)
      await expect(test.db.manager.update(Authorization, open, { status })).rejects.toMatchObject(FINAL);
    for (const more of [
      { decided_by: "user_x" },
      { note: "x" },
      { digest: "x" },
      { upgrade_permission: true },
    ])
      await expect(supersede(open, more)).rejects.toMatchObject(FINAL);
    await expect(supersede(open)).resolves.toMatchObject({ affected: 1 });

    const done = await pipeline.answer(await parked());
    expect(done.status).toBe("completed");
    await expect(supersede(done.queue_id ?? "")).rejects.toMatchObject(FINAL);
  });

  it("one live question per job", async () => {
    const { queue_id } = await parked();
    const question = await test.db.manager.findOneByOrFail(Authorization, { id: queue_id ?? "" });
    const second = test.db.manager.insert(Authorization, { ...question, id: newId("auth") } as object);
    await expect(second).rejects.toMatchObject({ constraint: "authorization_live" });
  });
});
