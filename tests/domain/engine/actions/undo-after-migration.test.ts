import pg from "pg";
import { Contact } from "../../../../src/entities/contact.ts";
import type { TestDatabase } from "../../../support/database.ts";
import { aContact, aTicket } from "../../../support/factories.ts";
import { agent, type JobRow, owner, type Pipeline, testPipeline } from "../../../support/pipeline.ts";

describe("an undo of a job that is older than a column of its table", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  let before: Record<string, JobRow>;
  let moved: JobRow;
  let customer: string;
  beforeAll(async () => {
    ({ test, pipeline } = await testPipeline());
    const changed = await aContact(test.db, { notes: "old" });
    const other = await aContact(test.db, { notes: "old" });
    const gone = await aTicket(test.db, { status: "completed" });
    customer = gone.customer_id;
    before = {
      "an update": await pipeline.ask(agent, "contact.update", { id: changed.id, notes: "new" }),
      "a creation": await pipeline.ask(agent, "contact.create", { name: "Wilson" }),
      "a deletion": await pipeline.ask(owner, "contact.delete", { id: gone.customer_id }),
    };
    moved = await pipeline.ask(agent, "contact.update", { id: other.id, notes: "new" });
    const client = new pg.Client(test.url);
    await client.connect();
    await client.query("ALTER TABLE contact ADD COLUMN gate text NOT NULL DEFAULT 'none'");
    await client.end();
    await pipeline.ask(agent, "contact.update", { id: other.id, notes: "newest" });
  });
  afterAll(() => test.drop());

  const undo = (job?: JobRow) => pipeline.ask(owner, "job.undo", { job_id: job?.id });
  const gates = async (id?: string) => test.db.query("SELECT gate FROM contact WHERE id = $1", [id]);

  it.each(["an update", "a creation", "a deletion"])("takes back %s", async (which) => {
    expect(await undo(before[which])).toMatchObject({ status: "completed", error: null });
  });

  it("leaves the new column alone", async () => {
    expect(await gates(customer)).toEqual([{ gate: "none" }]);
  });

  it("is a conflict where the row has moved on, and does not name the new column", async () => {
    const { error } = await undo(moved);
    expect(error).toMatchObject({ code: "conflict" });
    const columns = (error?.["difference"] as { column: string }[]).map(({ column }) => column);
    expect(columns).toContain("notes");
    expect(columns).not.toContain("gate");
    expect(await test.db.manager.countBy(Contact, { notes: "newest" })).toBe(1);
  });
});
