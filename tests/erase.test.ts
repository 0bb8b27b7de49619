import { stat } from "node:fs/promises";
import { join } from "node:path";
import { whatWouldGo, eraseContact } from "../src/erase.ts";
import { rows } from "../src/entities/database.ts";
import { contactFile } from "../src/export/contact-file.ts";
import { runNow } from "../src/workers/run-now.ts";
import { refusal } from "./support/act.ts";
import { type TestDatabase, testDatabase } from "./support/database.ts";
import { testRegistry } from "./support/errands.ts";
import { aMessage, anInvoice, aTechnician, theSettings } from "./support/factories.ts";
import { agent, makePipeline, owner, type Pipeline } from "./support/pipeline.ts";
import { aDesk } from "./support/program.ts";
import { aLife, made, NAME, SECRETS, traces, wishes } from "./support/life.ts";

let test: TestDatabase;
let pipeline: Pipeline;
beforeEach(async () => {
  test = await testDatabase();
  pipeline = makePipeline(test.db);
  await theSettings(test.db);
  await aTechnician(test.db);
});
afterEach(() => test.drop());

describe("erasing a customer", () => {
  it("leaves nothing of the person anywhere in the database, and the rest as it was", async () => {
    const { customer_id, ticket, neighbour } = await aLife(pipeline);
    const denied = await wishes(pipeline, customer_id);
    expect((await traces(test.db.manager, SECRETS)).length).toBeGreaterThan(15);
    const jobId = await eraseContact(test.url, customer_id);
    expect(await traces(test.db.manager, SECRETS)).toEqual([]);
    expect(await traces(test.db.manager, ["tuba"])).not.toEqual([]);

    const [kept] = await rows(
      test.db.manager,
      `SELECT t.status, total_cents, c.name, c.archived_at IS NOT NULL AS archived FROM ticket t
       JOIN line_item ON ticket_id = t.id JOIN contact c ON c.id = customer_id WHERE t.id = $1`,
      [ticket.id],
    );
    expect(kept).toEqual({
      status: "completed",
      total_cents: 9_000,
      name: "Erased customer",
      archived: true,
    });
    expect(await pipeline.job(denied.id)).toMatchObject({ status: "denied", input: { id: customer_id } });
    expect(await pipeline.job(jobId)).toMatchObject({ action: "contact.erase", status: "completed" });
    const [told] = await rows<{ reason: string }>(test.db.manager, "SELECT reason FROM security_event");
    expect(told?.reason).toContain(jobId);
    expect(
      (await pipeline.ask(agent, "contact.update", { id: neighbour.id, notes: "Sold it." })).status,
    ).toBe("completed");
  });

  it("keeps what a finalized invoice says", async () => {
    const { customer_id } = await aLife(pipeline);
    const said = { customer_name: NAME, customer_address: "7 Hibiskusgasse", total_cents: 9_000 };
    const { id, number } = await anInvoice(test.db, {
      customer_id,
      status: "open",
      notes: "marmalade",
      ...said,
    });
    await eraseContact(test.url, customer_id);
    const [kept] = await rows(test.db.manager, "SELECT * FROM invoice WHERE id = $1", [id]);
    expect(kept).toMatchObject({ number, status: "open", due_cents: 9_000, notes: null, ...said });
    const left = await traces(test.db.manager, SECRETS);
    expect(left.map((each) => each.replace(/:.*/, "")).sort()).toEqual([
      "change.after",
      "change.before",
      "invoice.customer_address",
      "invoice.customer_name",
    ]);
  });

  it("also empties what is left of a customer who was deleted", async () => {
    const { customer_id } = await aLife(pipeline);
    await pipeline.ask(owner, "contact.delete", { id: customer_id });
    expect(await traces(test.db.manager, SECRETS)).not.toEqual([]);
    await eraseContact(test.url, customer_id);
    expect(await traces(test.db.manager, SECRETS)).toEqual([]);
  });

  it("cannot be undone, and takes from its jobs that they can be", async () => {
    const { customer_id, update, neighbour } = await aLife(pipeline);
    const jobId = await eraseContact(test.url, customer_id);
    for (const job_id of [update.job.id, jobId]) {
      const undo = await pipeline.ask(owner, "job.undo", { job_id });
      expect(undo).toMatchObject({ status: "failed", error: { code: "invalid_state" } });
    }
    const undo = await pipeline.ask(owner, "job.undo", { job_id: update.job.id });
    expect(undo.error?.message).toMatch(/erased for good/);
    expect(await pipeline.ask(owner, "job.undo", { job_id: neighbour.job.id })).toMatchObject({
      status: "completed",
    });
  });

  it("does not make the same customer again where their jobs are sent again", async () => {
    const job = { by: "import", key: "row", action: "contact.create", data: { name: NAME } };
    const { id } = (await runNow(test.db, testRegistry, job)) as { id: string };
    await eraseContact(test.url, id);
    expect(await runNow(test.db, testRegistry, job)).toEqual({ id });
    expect(await traces(test.db.manager, ["Quirinia"])).toEqual([]);
  });

  it("is refused while something with them is not over", async () => {
    const { id } = await made(pipeline, "contact.create", { name: NAME });
    const ticket = await made(pipeline, "ticket.create", { customer_id: id });
    const refused = async () => (await refusal(eraseContact(test.url, id))).message;
    expect(await refused()).toContain(`cancel or complete ${ticket.id}`);
    await made(pipeline, "ticket.cancel", { id: ticket.id });
    const message = await aMessage(test.db, { customer_id: id });
    expect(await refused()).toContain(`cancel ${message.id}`);
    await made(pipeline, "message.cancel", { id: message.id });
    const parked = await pipeline.ask(agent, "contact.delete", { id });
    expect(await refused()).toContain(`decide or withdraw ${parked.id}`);
    expect(await refusal(whatWouldGo(test.db, id))).toMatchObject({ code: "conflict" });
    await pipeline.answer(parked, { decision: "denied" });
    const nobody = id.replace(/.{4}$/, "0000");
    expect((await refusal(eraseContact(test.url, nobody))).message).toContain("no contact");
    await eraseContact(test.url, id);
    expect(await traces(test.db.manager, ["Quirinia"])).toEqual([]);
  });

  it("is the owner's of the tables alone: the application can neither call it nor do what it does", async () => {
    const { customer_id, update } = await aLife(pipeline);
    const app = (sql: string) => test.db.transaction((db) => rows(db, sql));
    await expect(app(`SELECT erase_contact('${customer_id}', 'job_x')`)).rejects.toMatchObject({
      code: "42501",
    });
    await expect(app(`SELECT failed_jobs_about('${customer_id}')`)).rejects.toMatchObject({ code: "42501" });
    await expect(app("UPDATE personal_data SET blank = '{}'")).rejects.toMatchObject({ code: "42501" });
    const pretending = "SELECT set_config('countersign.erasing', 'on', true)";
    for (const sql of [
      `UPDATE job SET input = '{}' WHERE id = '${update.job.id}'`,
      `UPDATE "authorization" SET title = '' WHERE status = 'denied'`,
      "UPDATE change SET before = NULL",
    ]) {
      await wishes(pipeline, customer_id);
      const attempt = test.db.transaction(async (db) => {
        await rows(db, pretending);
        await rows(db, sql);
      });
      await expect(attempt).rejects.toMatchObject({ code: expect.stringMatching(/CS002|42501/) as string });
    }
  });
});

describe("one customer's whole file", () => {
  it("holds the records, the requests, the questions and the changes of that customer, and of nobody else", async () => {
    const { customer_id } = await aLife(pipeline);
    await wishes(pipeline, customer_id);
    const file = await contactFile(test.db, customer_id);
    const text = JSON.stringify(file);
    for (const word of SECRETS) expect(text).toContain(word);
    expect(text).not.toMatch(/tuba|Neighbour/);
    expect(Object.keys(file.records).sort()).toEqual(
      ["address", "attribute_value", "contact", "lead", "line_item", "message", "ticket"].sort(),
    );
    expect(file.authorizations).toHaveLength(1);
    expect(await refusal(contactFile(test.db, customer_id.replace(/.{4}$/, "0000")))).toMatchObject({
      code: "not_found",
    });
  });
});

describe("the commands", () => {
  it("say first what would go, do it with --yes, and write files", async () => {
    const { customer_id } = await aLife(pipeline);
    const desk = await aDesk();
    const env = { DATABASE_URL: test.url };
    const run = async (...args: string[]) => {
      const { exit, stdout, stderr } = desk.run(args, env);
      return { code: await exit, said: stdout() + stderr() };
    };
    try {
      const asked = await run("erase", customer_id);
      expect(asked).toMatchObject({ code: 0 });
      expect(asked.said).toContain(`Do it with: countersign erase ${customer_id} --yes`);
      expect(await traces(test.db.manager, SECRETS)).not.toEqual([]);
      expect(await run("erase", customer_id, "--yes")).toMatchObject({ code: 0 });
      expect(await traces(test.db.manager, SECRETS)).toEqual([]);

      const csv = join(desk.dataDir, "..", "contacts.csv");
      expect(await run("export", "contacts", "--out", csv)).toMatchObject({ code: 0 });
      expect((await stat(csv)).mode & 0o077).toBe(0);
      const nowhere = await run("export", "contacts", "--out", join(csv, "nowhere.csv"));
      expect(nowhere).toEqual({
        code: 1,
        said: expect.stringMatching(/^countersign: --out: .*\n$/) as string,
      });
      expect(await run("import", csv)).toMatchObject({
        code: 0,
        said: expect.stringContaining("1 contact made") as string,
      });
      expect(await run("import", "nowhere.csv")).toMatchObject({ code: 2 });
    } finally {
      await desk.clear();
    }
  });
});
