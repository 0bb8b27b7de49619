import { rows } from "../../../../src/database/sql.ts";
import { makeRegistry } from "../../../../src/domain/core/registry.ts";
import { domains } from "../../../../src/domain/index.ts";
import type { Contact } from "../../../../src/entities/contact.ts";
import { type TestDatabase, testDatabase } from "../../../support/database.ts";
import { aContact, aTicket, theSettings } from "../../../support/factories.ts";
import { elevenMinutesLater } from "../../../support/flush-queue.ts";
import { agent, type JobRow, makePipeline, owner, type Pipeline } from "../../../support/pipeline.ts";

const PARKED = "authorization_required";

describe("an undo is judged by the rows that it writes", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  beforeAll(async () => {
    test = await testDatabase();
    pipeline = makePipeline(test.db);
    await theSettings(test.db, { travel_buffer_minutes: 0, timezone: "UTC" });
  });
  afterAll(() => test.drop());
  beforeEach(() => elevenMinutesLater({ databaseUrl: test.url }));

  const undo = (job: JobRow, actor = agent, rest?: object) =>
    pipeline.ask(actor, "job.undo", { job_id: job.id }, rest);
  const id = (job: JobRow) => (job.result as { id: string }).id;
  const done = async (action: string, data: object, actor = agent): Promise<JobRow> => {
    const job = await pipeline.ask(actor, action, data);
    expect(job).toMatchObject({ status: "completed", error: null });
    return job;
  };

  it("every table with recorded changes says how", async () => {
    const guarded = await rows<{ name: string }>(
      test.db.manager,
      `SELECT tgrelid::regclass::text AS name FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
       WHERE p.proname = 'record_change' ORDER BY 1`,
    );
    expect(guarded.length).toBeGreaterThan(10);
    expect([...makeRegistry(domains).reversals.keys()].sort()).toEqual(guarded.map(({ name }) => name));
  });

  describe("as a deletion where a row goes", () => {
    it("a customer needs a person if there is any history, and counts", async () => {
      const created = await done("contact.create", { name: "Wilson" });
      const visit = await done("ticket.create", { customer_id: id(created) });
      expect(await undo(visit)).toMatchObject({ status: "completed", hits: [id(visit)] });
      expect(await undo(created)).toMatchObject({ status: PARKED, auth_reason: "Customer has 1 ticket" });
      const stranger = await done("contact.create", { name: "Stranger" });
      expect(await undo(stranger)).toMatchObject({ status: "completed", hits: [id(stranger)] });
    });

    it("a visit needs reasoning, as its cancellation does", async () => {
      const visit = await done("ticket.create", { customer_id: (await aContact(test.db)).id });
      expect(await undo(visit, agent, {})).toMatchObject({ error: { code: "reasoning_required" } });
    });

    it("a message counts", async () => {
      const { id: customer_id } = await aContact(test.db);
      const logged = await done("message.log_inbound", { customer_id, body: "Hello" });
      expect(await undo(logged)).toMatchObject({ status: "completed", hits: [id(logged)] });
    });

    it("a customer who came from a lead needs a person", async () => {
      const lead = { id: id(await done("lead.create", { raw_notes: "A quote, please", name: "Lee" })) };
      await done("lead.contact", lead);
      await done("lead.qualify", lead);
      expect(await undo(await done("lead.convert", lead))).toMatchObject({
        status: PARKED,
        auth_reason: "Customer has 1 lead",
      });
    });

    it("the sixth within ten minutes needs a person", async () => {
      const created: JobRow[] = [];
      for (let count = 0; count < 6; count++)
        created.push(await done("contact.create", { name: `Stranger ${count}` }));
      const undone: JobRow[] = [];
      for (const job of created) undone.push(await undo(job));
      expect(undone.map(({ status }) => status)).toEqual([...Array(5).fill("completed"), PARKED]);
    });
  });

  it("as something that gives the hits of the undone job back to the window", async () => {
    const deleted: JobRow[] = [];
    for (let count = 0; count < 5; count++)
      deleted.push(await done("contact.delete", { id: (await aContact(test.db)).id }));
    const next = async () => pipeline.ask(agent, "contact.delete", { id: (await aContact(test.db)).id });
    expect(await next()).toMatchObject({ status: PARKED });
    const [first] = deleted;
    if (first) expect(await undo(first)).toMatchObject({ status: "completed", hits: [] });
    expect(await next()).toMatchObject({ status: "completed" });
    expect(await next()).toMatchObject({ status: PARKED });
  });

  it("as contact.update where consent falls or an address of somebody who opted out goes", async () => {
    const { id: contact } = await aContact(test.db, { phones: [{ number: "+16085550115", label: null }] });
    const phones = [{ number: "+16085550115" }, { number: "+16085550116" }];
    const more = await done("contact.update", { id: contact, phones });
    const optOut = await done("contact.update", { id: contact, do_not_contact: true });
    const parked = { status: PARKED, auth_reason: expect.stringContaining("asked not to be contacted") };
    expect(await undo(optOut)).toMatchObject(parked);
    const { id: other } = await aContact(test.db, { do_not_contact: true });
    const added = await done("contact.update", { id: other, phones });
    expect(await undo(added)).toMatchObject(parked);
    expect(await undo(more)).toMatchObject({ status: "failed", error: { job_id: optOut.id } });
  });

  describe("as contact.archive where a customer is archived again", () => {
    const NEEDS_WHY = { error: { code: "reasoning_required" } };

    it("also where an e-mail changes with it", async () => {
      const { id: contact } = await aContact(test.db);
      await done("contact.archive", { id: contact });
      const back = await done("contact.update", { id: contact, active: true, emails: ["m@example.com"] });
      expect(await undo(back, agent, {})).toMatchObject(NEEDS_WHY);
      expect(await undo(back)).toMatchObject({ status: "completed", level: "soft_limit", hits: [contact] });
    });
  });

  describe("as contact.merge where two customers are separated", () => {
    const merged = async (kept: Partial<Contact> = {}, before: object[] = []) => {
      const duplicate = await aContact(test.db);
      const into = await aContact(test.db, kept);
      const steps = [
        ...before.map((change) => ({ action: "contact.update", data: { id: duplicate.id, ...change } })),
        { action: "contact.merge", data: { id: duplicate.id, into_id: into.id } },
      ];
      return done("probe.script", { steps });
    };

    it("which needs reasoning", async () => {
      expect(await undo(await merged(), agent, {})).toMatchObject({ error: { code: "reasoning_required" } });
    });

    it("and as contact.update where the opt-out of either falls with it", async () => {
      const optOut = { do_not_contact: true };
      const parked = { status: PARKED, auth_reason: expect.stringContaining("asked not to be contacted") };
      // The kept customer's opt-out comes from the duplicate in the first, and stays in the second.
      expect(await undo(await merged({}, [optOut]))).toMatchObject(parked);
      expect(await undo(await merged(optOut, [optOut]))).toMatchObject(parked);
    });
  });

  it.each(["scheduled", "unscheduled"] as const)(
    "as ticket.reopen where one job completed a visit that was %s",
    async (status) => {
      const { id: visit } = await aTicket(test.db, { status });
      const steps = ["ticket.start", "ticket.complete"].map((action) => ({ action, data: { id: visit } }));
      const completed = await done("probe.script", { steps });
      expect(await undo(completed, agent, {})).toMatchObject({ error: { code: "reasoning_required" } });
      expect(await undo(completed)).toMatchObject({ status: "completed", level: "soft_limit" });
    },
  );

  it("as attribute.define where a field becomes required again", async () => {
    const field = { entity: "contact", key: "gate_code", type: "text" };
    const required = await done("attribute.define", { ...field, required: true });
    const optional = await done("attribute.define", { ...field, required: false });
    const NEEDS_WHY = { status: "failed", error: { code: "reasoning_required" } };
    expect(await undo(optional, agent, {})).toMatchObject(NEEDS_WHY);
    expect(await undo(optional)).toMatchObject({ status: "completed", level: "soft_limit" });
    const archived = await done("attribute.archive", { id: id(required) });
    expect(await undo(archived, agent, {})).toMatchObject(NEEDS_WHY);
    expect(await undo(archived)).toMatchObject({ status: "completed", level: "soft_limit" });
    await done("attribute.archive", { id: id(required) }); // Other tests create customers without it.
  });

  it("as a request for many records where it writes more than five", async () => {
    const contacts = await Promise.all(Array.from({ length: 6 }, () => aContact(test.db)));
    const changed = await pipeline.ask(agent, "contact.bulk_update", {
      ids: contacts.map((contact) => contact.id),
      data: { notes: "x" },
    });
    const allowed = await pipeline.answer(changed);
    expect(await undo(allowed)).toMatchObject({
      status: PARKED,
      auth_reason: "A person approved what this takes back; 6 records at once, more than 5",
    });
  });

  it("as in need of a person where a person approved it, unless a person asks", async () => {
    const approve = async () => {
      const { customer_id } = await aTicket(test.db);
      return pipeline.answer(await pipeline.ask(agent, "contact.delete", { id: customer_id }));
    };
    const deleted = await approve();
    expect(await undo(deleted)).toMatchObject({
      status: PARKED,
      auth_reason: "A person approved what this takes back",
    });
    expect(await undo(deleted, owner)).toMatchObject({ status: "completed" });
  });

  it("a rule made from an undo is about what it stood for, and covers no other undo", async () => {
    const optOut = async () => {
      const { id: contact } = await aContact(test.db);
      return done("contact.update", { id: contact, do_not_contact: true });
    };
    await pipeline.answer(await undo(await optOut()), { upgrade_permission: true });
    expect(await test.db.query("SELECT action FROM rule WHERE revoked_at IS NULL")).toEqual([
      { action: "contact.update" },
    ]);
    expect(await undo(await optOut())).toMatchObject({ status: "completed" });
    const created = await done("contact.create", { name: "Wilson" });
    await undo(await done("ticket.create", { customer_id: id(created) }));
    expect(await undo(created)).toMatchObject({ status: PARKED });
  });
});
