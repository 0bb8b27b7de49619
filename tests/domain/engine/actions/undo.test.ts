import type { TestDatabase } from "../../../support/database.ts";
import { dumpRecords } from "../../../support/dump-records.ts";
import { anAttribute } from "../../../support/definitions.ts";
import { aContact, anAddress, aTechnician, aTicket } from "../../../support/factories.ts";
import {
  agent,
  type JobRow,
  otherAgent,
  owner,
  type Pipeline,
  testPipeline,
} from "../../../support/pipeline.ts";

describe("undo", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  beforeAll(async () => {
    ({ test, pipeline } = await testPipeline());
    await aTechnician(test.db);
    await anAttribute(test.db, { key: "rating" });
  });
  afterAll(() => test.drop());

  const undo = (job: JobRow, actor = owner, rest = {}) =>
    pipeline.ask(actor, "job.undo", { job_id: job.id }, rest);
  const id = (job: JobRow) => (job.result as { id: string }).id;

  it("restores a deleted customer with all its rows, byte for byte", async () => {
    const customer = await aContact(test.db, {
      name: "Johnson Family",
      phones: [{ number: "+16085550115", label: null }],
    });
    const address = await anAddress(test.db, { contact_id: customer.id });
    for (let visit = 0; visit < 15; visit++) {
      const line_items = [{ description: "Windows", quantity: 1.125, unit_price_cents: 30_000 }];
      await aTicket(test.db, {
        customer_id: customer.id,
        address_id: address.id,
        status: "completed",
        line_items,
      });
    }
    const before = await dumpRecords(test.db);
    const deleted = await pipeline.ask(owner, "contact.delete", { id: customer.id });
    expect(await dumpRecords(test.db)).toHaveLength(before.length - 32);

    const undone = await undo(deleted);
    expect(undone).toMatchObject({
      status: "completed",
      result: { undone: deleted.id, action: "contact.delete", records: 32 },
    });
    expect(await dumpRecords(test.db)).toEqual(before);
  });

  it("is refused for a job that was already undone", async () => {
    const updated = await pipeline.ask(agent, "contact.update", {
      id: (await aContact(test.db)).id,
      notes: "new",
    });
    expect((await undo(updated)).status).toBe("completed");
    expect(await undo(updated)).toMatchObject({
      status: "failed",
      error: { code: "conflict", message: expect.stringContaining("was already undone") },
    });
  });

  it("succeeds after a dry run of the same undo", async () => {
    const { id: contact } = await aContact(test.db, { notes: "old" });
    const updated = await pipeline.ask(agent, "contact.update", { id: contact, notes: "new" });
    expect(await undo(updated, agent, { dry_run: true })).toMatchObject({ status: "completed" });
    expect(await undo(updated, agent)).toMatchObject({ status: "completed", dry_run: false });
  });

  it("is refused with the difference when a later job wrote the record", async () => {
    const contact = await aContact(test.db, { notes: "first" });
    const early = await pipeline.ask(agent, "contact.update", { id: contact.id, notes: "second" });
    await pipeline.ask(agent, "contact.update", { id: contact.id, notes: "third" });
    const { error } = await undo(early);
    expect(error).toMatchObject({ code: "conflict", record: contact.id });
    expect(error?.difference).toContainEqual({ column: "notes", left_as: "second", now: "third" });
    expect((await test.db.query("SELECT notes FROM contact WHERE id = $1", [contact.id]))[0].notes).toBe(
      "third",
    );
  });

  it("never deletes rows that later jobs added", async () => {
    const created = await pipeline.ask(agent, "contact.create", { name: "Wilson" });
    const address = await anAddress(test.db, { contact_id: id(created) });
    expect(await undo(created)).toMatchObject({
      status: "failed",
      error: { code: "conflict", records: [address.id] },
    });
    expect(await test.db.query("SELECT 1 FROM address WHERE id = $1", [address.id])).toHaveLength(1);
  });

  it("is judged as the transition it performs", async () => {
    const created = await pipeline.ask(agent, "contact.create", { name: "Wilson" });
    await pipeline.ask(agent, "ticket.create", { customer_id: id(created) });
    expect(await undo(created, agent)).toMatchObject({ status: "failed", error: { code: "conflict" } });

    const visit = await pipeline.ask(agent, "ticket.create", { customer_id: id(created) });
    expect(await undo(visit, agent, {})).toMatchObject({ error: { code: "reasoning_required" } });
    const undone = await undo(visit, agent, { reasoning: "Booked for the wrong customer." });
    expect(undone).toMatchObject({ status: "completed", hits: [id(visit)] });
  });

  it("is allowed to an agent for its own jobs and to the owner for all; others get not_found", async () => {
    const updated = await pipeline.ask(agent, "contact.update", {
      id: (await aContact(test.db)).id,
      notes: "new",
    });
    expect(await undo(updated, otherAgent)).toMatchObject({ status: "failed", error: { code: "not_found" } });
    expect(await undo(updated, agent)).toMatchObject({ status: "completed" });
  });

  it("is refused for a job that changed nothing", async () => {
    const { id: contact } = await aContact(test.db);
    const dry = await pipeline.ask(agent, "contact.update", { id: contact, notes: "new" }, { dry_run: true });
    const failed = await pipeline.ask(agent, "ticket.start", { id: "ticket_01kb2m6x8efh5rt3zqk9w7ycd4" });
    for (const job of [dry, failed])
      expect(await undo(job)).toMatchObject({
        error: { code: "invalid_state", hint: "Only a completed job has changed anything." },
      });
    const again = await undo(await pipeline.ask(agent, "contact.update", { id: contact, notes: "other" }));
    expect(await undo(again)).toMatchObject({
      error: { code: "invalid_state", message: "job.undo cannot be undone." },
    });
  });

  it("has one effect when two run at once", async () => {
    const updated = await pipeline.ask(agent, "contact.update", {
      id: (await aContact(test.db)).id,
      notes: "new",
    });
    const both = await Promise.all([undo(updated), undo(updated)]);
    expect(both.map(({ status }) => status).sort()).toEqual(["completed", "failed"]);
    const changes = await Promise.all(both.map(pipeline.changes));
    expect(changes.flat()).toMatchObject([{ before: { notes: "new" }, after: { notes: null } }]);
  });

  it("shows in a dry run what it would restore", async () => {
    const { id: contact } = await aContact(test.db, { notes: "old" });
    const updated = await pipeline.ask(agent, "contact.update", { id: contact, notes: "new" });
    const { result } = await undo(updated, agent, { dry_run: true });
    expect(result).toMatchObject({
      permission: "unrestricted",
      preview: {
        changes: [{ id: contact, operation: "update", before: { notes: "new" }, after: { notes: "old" } }],
      },
    });
  });
});
