import { newId } from "../../src/domain/core/ids.ts";
import { Authorization } from "../../src/entities/authorization.ts";
import { rows } from "../../src/database/sql.ts";
import { Job } from "../../src/entities/job.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { aContact } from "../support/factories.ts";
import { agent, makePipeline, type Pipeline } from "../support/pipeline.ts";

const FINAL = { code: "CS002" };
const NOT_GRANTED = { code: "42501" };

describe("the database rejects", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  beforeAll(async () => {
    test = await testDatabase();
    pipeline = makePipeline(test.db);
  });
  afterAll(() => test.drop());

  const sql = (text: string, parameters: unknown[] = []) => rows(test.db.manager, text, parameters);
  const parked = async () => pipeline.ask(agent, "probe.swear", { id: (await aContact(test.db)).id });

  it("every write to `change` except the trigger's", async () => {
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

  it("writing a security event in another way than count_attempt", async () => {
    await sql("SELECT count_attempt('anonymous', 'GET /', 'a test', NULL)");
    for (const write of [
      "UPDATE security_event SET reason = ''",
      "DELETE FROM security_event",
      "INSERT INTO security_event (principal, route, reason) VALUES ('anonymous', 'GET /', 'a test')",
    ])
      await expect(sql(write)).rejects.toMatchObject(NOT_GRANTED);
  });

  it("updating or deleting the history of a rule", async () => {
    for (const write of ["UPDATE rule_change SET after = NULL", "DELETE FROM rule_change"])
      await expect(sql(write)).rejects.toMatchObject(NOT_GRANTED);
  });

  it("deleting jobs, authorizations, rules and deliveries", async () => {
    for (const table of ["job", '"authorization"', "rule", "delivery"]) {
      await expect(sql(`DELETE FROM ${table}`)).rejects.toMatchObject(NOT_GRANTED);
      await expect(sql(`TRUNCATE ${table} CASCADE`)).rejects.toMatchObject(NOT_GRANTED);
    }
  });

  it("changing the status or the result of a job that has ended", async () => {
    const { id } = await pipeline.ask(agent, "contact.create", { name: "A" });
    await expect(
      test.db.manager.update(Job, id, { status: "queued", finished_at: null }),
    ).rejects.toMatchObject(FINAL);
    await expect(sql("UPDATE job SET result = NULL WHERE id = $1", [id])).rejects.toMatchObject(FINAL);
  });

  it("changing the status or the end of a job during an erasure, which may only empty its input", async () => {
    const { id } = await pipeline.ask(agent, "contact.create", { name: "A" });
    const erasing = (change: string) =>
      test.db.transaction(async (db) => {
        await db.query("SET LOCAL ROLE NONE");
        await db.query("SELECT set_config('countersign.erasing', 'on', true)");
        await rows(db, `UPDATE job SET ${change} WHERE id = $1`, [id]);
      });
    await expect(erasing("status = 'failed'")).rejects.toMatchObject(FINAL);
    await expect(erasing("finished_at = finished_at - interval '1 day'")).rejects.toMatchObject(FINAL);
    await expect(erasing("input = '{}'")).resolves.toBeUndefined();
  });

  it("a final job status without `finished_at`", async () => {
    const { id } = await parked();
    await expect(test.db.manager.update(Job, id, { status: "completed" })).rejects.toMatchObject({
      constraint: "job_finished",
    });
  });

  it.each(["denied", "expired", "withdrawn", "superseded"] as const)(
    "changing an authorization that is %s",
    async (status) => {
      const { queue_id } = await parked();
      await test.db.manager.update(Authorization, queue_id ?? "", { status });
      for (const next of ["pending", "authorized", "superseded"] as const)
        await expect(
          test.db.manager.update(Authorization, queue_id ?? "", { status: next }),
        ).rejects.toMatchObject(FINAL);
    },
  );

  it("changing a decision, except to superseded while its job is open", async () => {
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

  it("a second live authorization for one job", async () => {
    const { queue_id } = await parked();
    const question = await test.db.manager.findOneByOrFail(Authorization, { id: queue_id ?? "" });
    const second = test.db.manager.insert(Authorization, { ...question, id: newId("auth") } as object);
    await expect(second).rejects.toMatchObject({ constraint: "authorization_live" });
  });
});
