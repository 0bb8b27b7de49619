import type { Action } from "../../../src/domain/core/action.ts";
import { findOrFail, insert, update } from "../../../src/domain/core/records.ts";
import { Ticket } from "../../../src/entities/ticket.ts";
import { Contact } from "../../../src/entities/contact.ts";
import { rows } from "../../../src/database/sql.ts";
import type { Preview } from "../../../src/domain/engine/preview.ts";
import type { TestDatabase } from "../../support/database.ts";
import { note, stepOf, testRegistry, withActions } from "../../support/probe-actions.ts";
import { aContact, anAddress, aTicket, withJob } from "../../support/factories.ts";
import { agent, makePipeline, type Pipeline, testPipeline } from "../../support/pipeline.ts";

describe("a preview", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  let id: string;
  beforeAll(async () => void ({ test, pipeline } = await testPipeline()));
  afterAll(() => test.drop());
  beforeEach(async () => {
    ({ id } = await aContact(test.db, { name: "Johnson Family", notes: "old" }));
  });

  const parked = (action: string, data: object) => pipeline.ask(agent, action, data);
  const previewOf = async (action: string, data: object): Promise<Preview> =>
    (await pipeline.question(await parked(action, data))).preview;
  const digestOf = async (action: string, data: object): Promise<string> => {
    const { queue_id } = await parked(action, data);
    const found = await rows<{ digest: string }>(
      test.db.manager,
      `SELECT digest FROM "authorization" WHERE id = $1`,
      [queue_id],
    );
    return found[0]?.digest ?? "";
  };
  const everything = () =>
    rows(
      test.db.manager,
      `SELECT (SELECT jsonb_agg(to_jsonb(c) ORDER BY id) FROM contact c) AS contacts,
         (SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM ticket t) AS tickets,
         (SELECT count(*) FROM change) AS changes`,
    );

  describe("shows a person", () => {
    it("the record, the reason, and every row that would be deleted", async () => {
      const address = await anAddress(test.db, { contact_id: id });
      const line_items = [{ description: "Window cleaning", total_cents: 30_000 }];
      const ticket = await aTicket(test.db, { customer_id: id, address_id: address.id, line_items });
      const before = await everything();

      const question = await pipeline.question(await parked("contact.delete", { id }));
      expect(question).toMatchObject({
        status: "pending",
        action: "contact.delete",
        title: "Delete customer: Johnson Family",
        reason: "Customer has 1 ticket worth $300",
        reasoning: "The customer asked for it.",
        requested_by: { kind: "agent", name: "Office manager" },
        facts: { tickets: 1, completed_tickets: 0, messages: 0, value_cents: 30_000, currency: "USD" },
        moved: [],
      });
      const { changes } = question.preview;
      expect(changes.map(({ record, label, operation, after }) => [operation, record, label, after])).toEqual(
        [
          ["delete", "contact", "Johnson Family", null],
          ["delete", "address", "Home: 12 Elm Street", null],
          ["delete", "ticket", `Ticket #${ticket.number}`, null],
          ["delete", "line_item", "Window cleaning", null],
        ],
      );
      expect(changes[0]).toMatchObject({ id, before: { name: "Johnson Family", notes: "old" } });
      expect(await everything()).toEqual(before);
    });

    it("only the columns that change, before and after", async () => {
      expect((await previewOf("probe.swear", { id, notes: "new" })).changes).toEqual([
        {
          record: "contact",
          id,
          label: "Johnson Family",
          operation: "update",
          before: { notes: "old" },
          after: { notes: "new" },
        },
      ]);
    });

    it("the net change of several steps on one row", async () => {
      const steps = [stepOf("note", { id, notes: "half way" }), stepOf("swear", { id, notes: "there" })];
      const { changes } = await previewOf("probe.script", { steps });
      expect(changes).toMatchObject([{ id, before: { notes: "old" }, after: { notes: "there" } }]);
    });

    it("numbered placeholders for new rows and for references to them", async () => {
      const before = await everything();
      const { changes } = await previewOf("probe.plant", { id });
      expect(changes).toMatchObject([
        { record: "contact", id: "new:contact:1", operation: "insert", before: null },
        { record: "ticket", id: "new:ticket:1", after: { customer_id: "new:contact:1" } },
      ]);
      for (const column of ["id", "version", "created_at", "updated_at", "number"])
        expect(changes[1]?.after).not.toHaveProperty(column);
      expect(await everything()).toEqual(before);
    });

    it("every fact and every reason of a workflow", async () => {
      const steps = [stepOf("swear", { id }), stepOf("spend", { id, cents: 500 })];
      const question = await pipeline.question(await parked("probe.script", { steps }));
      expect(question.reason).toBe("probe.swear always needs a person's agreement; It costs 500");
      expect(question.facts).toEqual({ [id]: { cents: 500 } });
    });

    it("a title without a name when the request names no record", async () => {
      const steps = [stepOf("swear", { id })];
      expect((await pipeline.question(await parked("probe.script", { steps }))).title).toBe("Script probe");
    });
  });

  it("omits rows that a run inserts and deletes, and rows that it leaves unchanged", async () => {
    const fickle: Action = {
      ...note,
      name: "fickle",
      async handler(context, { id: contact }) {
        const made = await insert<Contact>(context, Contact, { name: "Short-lived" });
        await rows(context.db, "DELETE FROM contact WHERE id = $1", [made.id]);
        return update(context, await findOrFail(context.db, Contact, contact), { notes: "old" });
      },
    };
    const job = await makePipeline(test.db, withActions(fickle)).ask(
      agent,
      "probe.fickle",
      { id },
      { dry_run: true },
    );
    expect(job.result).toMatchObject({ preview: { changes: [], messages: [] } });
  });

  it("is asked again when a deleted row has other values than those shown, and shows which", async () => {
    const ticket = await aTicket(test.db, { customer_id: id, notes: "Ring twice" });
    const job = await parked("contact.delete", { id });
    await withJob(test.db, (db) => db.update(Ticket, ticket.id, { notes: "Gate code 7" }));
    const again = await pipeline.answer(job);
    expect(again).toMatchObject({ status: "authorization_required", auth_status: "pending" });
    const deleted = { record: "ticket", operation: "delete" };
    expect((await pipeline.question(again)).moved).toEqual([
      {
        what: "change",
        name: `Ticket #${ticket.number}`,
        before: { ...deleted, before: { notes: "Ring twice" } },
        after: { ...deleted, before: { notes: "Gate code 7" } },
      },
    ]);
    expect(await pipeline.answer(again)).toMatchObject({ status: "completed" });
  });

  describe("has a digest", () => {
    it("that is the same for two runs that insert rows", async () => {
      const first = await parked("probe.plant", { id });
      expect(await pipeline.answer(first)).toMatchObject({ status: "completed", queue_id: first.queue_id });
      const { friend, visit } = (await pipeline.job(first.id)).result as { friend: string; visit: string };
      expect(friend).toMatch(/^contact_/);
      expect(visit).toMatch(/^ticket_/);
    });

    it("that ignores versions, times and sequence numbers", async () => {
      const update = { id, notes: "new" };
      const [swear, plant] = [await digestOf("probe.swear", update), await digestOf("probe.plant", update)];
      await withJob(test.db, (db) =>
        db.update(Contact, id, { version: 7, created_at: new Date(0), updated_at: new Date(0) }),
      );
      await aTicket(test.db); // Takes a number of the sequence.
      const again = { ...update, notes: "new" };
      expect(await digestOf("probe.script", { steps: [stepOf("swear", again)] })).toBe(swear);
      expect(await digestOf("probe.script", { steps: [stepOf("plant", again)] })).toBe(plant);
    });

    it("that differs when a written value or its previous value differs", async () => {
      const digest = await digestOf("probe.swear", { id, notes: "new" });
      expect(await digestOf("probe.swear", { id, notes: "newer" })).not.toBe(digest);
      await withJob(test.db, (db) => db.update(Contact, id, { notes: "other" }));
      expect(await digestOf("probe.script", { steps: [stepOf("swear", { id, notes: "new" })] })).not.toBe(
        digest,
      );
    });

    it("that differs when only a fact differs", async () => {
      const digest = await digestOf("probe.spend", { id, cents: 1 });
      expect(await digestOf("probe.spend", { id, cents: 2 })).not.toBe(digest);
    });

    it("that differs when another row is written", async () => {
      const other = await aContact(test.db, { name: "Johnson Family", notes: "old" });
      expect(await digestOf("probe.swear", { id: other.id })).not.toBe(await digestOf("probe.swear", { id }));
    });
  });

  it("replaces the time of the run by `now`, so that it can be approved later", async () => {
    const { id: ticket } = await aTicket(test.db);
    for (const at of ["2026-11-23T15:00:00.120Z", "2026-11-23T15:00:10.000Z"]) {
      const early = makePipeline(test.db, testRegistry, { now: new Date(at) });
      const steps = [stepOf("swear", { id, notes: at }), { action: "ticket.start", data: { id: ticket } }];
      const { changes } = (await pipeline.question(await early.ask(agent, "probe.script", { steps })))
        .preview;
      expect(changes[1]?.after).toEqual({ status: "in_progress", actual_start: "now" });
    }
    const steps = [stepOf("swear", { id }), { action: "ticket.start", data: { id: ticket } }];
    expect(await pipeline.answer(await parked("probe.script", { steps }))).toMatchObject({
      status: "completed",
    });
  });

  it("is asked again when the values to be written have changed", async () => {
    const job = await parked("probe.swear", { id, notes: "new" });
    await withJob(test.db, (db) => db.update(Contact, id, { notes: "meanwhile" }));
    const again = await pipeline.answer(job);
    expect(again.status).toBe("authorization_required");
    const change = { record: "contact", operation: "update", after: { notes: "new" } };
    expect((await pipeline.question(again)).moved).toEqual([
      {
        what: "change",
        name: "Johnson Family",
        before: { ...change, before: { notes: "old" } },
        after: { ...change, before: { notes: "meanwhile" } },
      },
    ]);
  });

  describe("on request (dry_run)", () => {
    const dry = (action: string, data: object) => pipeline.ask(agent, action, data, { dry_run: true });

    it("returns the level and the changes, parks nothing and writes nothing", async () => {
      const before = await everything();
      const { queue_id, ...job } = await dry("probe.spend", { id, notes: "new", cents: 500 });
      expect(job).toMatchObject({ status: "completed", level: "requires_authorization", error: null });
      expect(job.result).toEqual({
        permission: "requires_authorization",
        reason: "It costs 500",
        facts: { cents: 500 },
        preview: {
          changes: [expect.objectContaining({ id, before: { notes: "old" }, after: { notes: "new" } })],
          messages: [],
          money: [],
        },
      });
      expect(queue_id).toBeNull();
      expect(await everything()).toEqual(before);
    });

    it("needs no reasoning", async () => {
      const { status, result } = await dry("probe.remark", { id });
      expect(status).toBe("completed");
      expect(result).toMatchObject({ permission: "soft_limit", reason: null, facts: {} });
    });

    it("fails as the action itself would", async () => {
      expect(await dry("probe.stumble", { id, over: "constraint" })).toMatchObject({
        status: "failed",
        error: { code: "conflict" },
      });
    });
  });
});
