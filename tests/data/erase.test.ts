import { previewErasure, eraseContact } from "../../src/data/erase.ts";
import { rows } from "../../src/database/sql.ts";
import { contactFile } from "../../src/data/export/contact-file.ts";
import { runSystemJob } from "../../src/workers/system-job.ts";
import { refusal } from "../support/act.ts";
import type { TestDatabase } from "../support/database.ts";
import { testRegistry } from "../support/probe-actions.ts";
import { aMessage, anInvoice, aPlan, aTechnician, theSettings } from "../support/factories.ts";
import { agent, owner, type Pipeline, testPipeline } from "../support/pipeline.ts";
import {
  aCustomerWithHistory,
  made,
  NAME,
  SECRETS,
  findTraces,
  refusedRequests,
} from "../support/personal-data.ts";

let test: TestDatabase;
let pipeline: Pipeline;
beforeAll(async () => void ({ test, pipeline } = await testPipeline()));
afterAll(() => test.drop());
beforeEach(async () => {
  await test.clear();
  await theSettings(test.db);
  await aTechnician(test.db);
});

describe("erasing a customer", () => {
  it("removes the personal data everywhere in the database and changes nothing else", async () => {
    const { customer_id, ticket, neighbour } = await aCustomerWithHistory(pipeline);
    const denied = await refusedRequests(pipeline, customer_id);
    expect((await findTraces(test.db.manager, SECRETS)).length).toBeGreaterThan(15);
    const jobId = await eraseContact(test.url, customer_id);
    expect(await findTraces(test.db.manager, SECRETS)).toEqual([]);
    expect(await findTraces(test.db.manager, ["tuba"])).not.toEqual([]);

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

  it("does not change finalized invoices", async () => {
    const { customer_id } = await aCustomerWithHistory(pipeline);
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
    const left = await findTraces(test.db.manager, SECRETS);
    expect(left.map((each) => each.replace(/:.*/, "")).sort()).toEqual([
      "change.after",
      "change.before",
      "invoice.customer_address",
      "invoice.customer_name",
    ]);
  });

  it("also erases the recorded changes of a deleted customer", async () => {
    const { customer_id } = await aCustomerWithHistory(pipeline);
    await pipeline.ask(owner, "contact.delete", { id: customer_id });
    expect(await findTraces(test.db.manager, SECRETS)).not.toEqual([]);
    await eraseContact(test.url, customer_id);
    expect(await findTraces(test.db.manager, SECRETS)).toEqual([]);
  });

  it("cannot be undone, nor can the erased jobs", async () => {
    const { customer_id, update, neighbour } = await aCustomerWithHistory(pipeline);
    const jobId = await eraseContact(test.url, customer_id);
    for (const job_id of [update.job.id, jobId]) {
      const undo = await pipeline.ask(owner, "job.undo", { job_id });
      expect(undo).toMatchObject({ status: "failed", error: { code: "invalid_state" } });
    }
    const undo = await pipeline.ask(owner, "job.undo", { job_id: update.job.id });
    expect(undo.error?.message).toMatch(/personal data that it changed was erased/);
    expect(await pipeline.ask(owner, "job.undo", { job_id: neighbour.job.id })).toMatchObject({
      status: "completed",
    });
  });

  it("does not create the customer again when an erased job is sent again", async () => {
    const job = { by: "import", key: "row", action: "contact.create", data: { name: NAME } };
    const { id } = (await runSystemJob(test.db, testRegistry, job)) as { id: string };
    await eraseContact(test.url, id);
    expect(await runSystemJob(test.db, testRegistry, job)).toEqual({ id });
    expect(await findTraces(test.db.manager, ["Quirinia"])).toEqual([]);
  });

  it("is refused while a visit, a message or a job of the customer is open", async () => {
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
    expect(await refusal(previewErasure(test.db, id))).toMatchObject({ code: "conflict" });
    await pipeline.answer(parked, { decision: "denied" });
    const nobody = id.replace(/.{4}$/, "0000");
    expect((await refusal(eraseContact(test.url, nobody))).message).toContain("no contact");
    await eraseContact(test.url, id);
    expect(await findTraces(test.db.manager, ["Quirinia"])).toEqual([]);
  });

  it("is refused while the customer has a recurring visit, also a paused one", async () => {
    const { id } = await made(pipeline, "contact.create", { name: NAME });
    const plan = await aPlan(test.db, { customer_id: id, state: "paused" });
    expect((await refusal(eraseContact(test.url, id))).message).toContain(`end ${plan.id} first`);
    await made(pipeline, "plan.end", { id: plan.id });
    await eraseContact(test.url, id);
    expect(await findTraces(test.db.manager, ["Quirinia"])).toEqual([]);
  });

  it("is refused while a request waits that a person changed to name the customer", async () => {
    const { id } = await made(pipeline, "contact.create", { name: NAME });
    const other = await made(pipeline, "contact.create", { name: "Neighbour" });
    const parked = await pipeline.ask(agent, "probe.spend", { id: other.id, cents: 90_000 });
    const edited = await pipeline.edit(parked, { id: other.id, notes: `As for ${id}.`, cents: 90_000 });
    expect((await refusal(eraseContact(test.url, id))).message).toContain(`decide or withdraw ${edited.id}`);
    await pipeline.answer(edited, { decision: "denied" });
    await eraseContact(test.url, id);
  });

  it("needs the owner of the tables: the application's role can neither call it nor do the same", async () => {
    const { customer_id, update } = await aCustomerWithHistory(pipeline);
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
      await refusedRequests(pipeline, customer_id);
      const attempt = test.db.transaction(async (db) => {
        await rows(db, pretending);
        await rows(db, sql);
      });
      await expect(attempt).rejects.toMatchObject({ code: expect.stringMatching(/CS002|42501/) as string });
    }
  });
});

describe("the export of one customer", () => {
  it("contains the records, jobs, authorizations and changes of that customer only", async () => {
    const { customer_id } = await aCustomerWithHistory(pipeline);
    await refusedRequests(pipeline, customer_id);
    const file = await contactFile(test.db, customer_id);
    const text = JSON.stringify(file);
    for (const word of SECRETS) expect(text).toContain(word);
    expect(text).not.toMatch(/tuba|Neighbour/);
    expect(Object.keys(file.records).sort()).toEqual(
      ["address", "attribute_value", "contact", "lead", "line_item", "message", "ticket"].sort(),
    );
    expect(file.authorizations).toHaveLength(3); // One was replaced by an edit.
    expect(await refusal(contactFile(test.db, customer_id.replace(/.{4}$/, "0000")))).toMatchObject({
      code: "not_found",
    });
  });
});
