import { listAuthorizations, previewPage } from "../../../../src/domain/engine/authorization/view.ts";
import { listJobs } from "../../../../src/domain/engine/jobs.ts";
import type { TestDatabase } from "../../../support/database.ts";
import { aContact, aTicket } from "../../../support/factories.ts";
import { agent, owner, type Pipeline, testPipeline } from "../../../support/pipeline.ts";

let test: TestDatabase;
let pipeline: Pipeline;
beforeAll(async () => void ({ test, pipeline } = await testPipeline()));
afterAll(() => test.drop());

describe("a list of authorizations", () => {
  it("has exact counts and the first three rows without their columns, and the hash of the whole", async () => {
    const { customer_id: id } = await aTicket(test.db, { status: "completed", line_items: [{}, {}] });
    await aTicket(test.db, { customer_id: id, address_id: null, status: "completed" });
    const parked = await pipeline.ask(agent, "contact.delete", { id });
    const whole = await pipeline.question(parked);
    const { items, total } = await listAuthorizations(test.db.manager, owner, {});
    expect(total).toBe(1);
    const { preview, facts, moved, data, ...rest } = whole;
    expect(facts).toMatchObject({ tickets: 2 });
    expect(moved).toEqual([]);
    expect(data).toEqual({ id });
    expect(items).toEqual([
      {
        ...rest,
        preview: {
          counts: [
            { record: "contact", operation: "delete", count: 1 },
            { record: "address", operation: "delete", count: 1 },
            { record: "ticket", operation: "delete", count: 2 },
            { record: "line_item", operation: "delete", count: 2 },
          ],
          changes: preview.changes
            .slice(0, 3)
            .map(({ record, id, label, operation }) => ({ record, id, label, operation })),
          messages: 0,
          money: 0,
        },
      },
    ]);
    expect(preview.changes).toHaveLength(6);
  });

  it("has another hash as soon as anything of the whole changes", async () => {
    const { id } = await aContact(test.db);
    const { queue_id } = await pipeline.ask(agent, "probe.swear", { id, notes: "new" });
    const hash = async () => {
      const { items } = await listAuthorizations(test.db.manager, owner, { status: "pending" });
      return items.find((item) => item.id === queue_id)?.view_hash;
    };
    const seen = [await hash()];
    for (const change of [
      `preview = jsonb_set(preview, '{changes,0,after,notes}', '"other"')`,
      `facts = '{"a": 1}'`,
      `moved = '[{"what": "fact"}]'`,
      "title = 'Another'",
      "reason = 'Another'",
    ]) {
      await test.db.query(`UPDATE "authorization" SET ${change} WHERE id = $1`, [queue_id]);
      seen.push(await hash());
    }
    expect(new Set(seen).size).toBe(seen.length);
  });
});

describe("a list of jobs", () => {
  it("has no results, and the first 300 characters of each reasoning", async () => {
    const { id } = await aContact(test.db);
    const reasoning = `${"r".repeat(300)}, and more`;
    const job = await pipeline.ask(agent, "probe.note", { id }, { reasoning });
    const { items } = await listJobs(test.db.manager, agent, { action: "probe.note" });
    expect(items).toMatchObject([{ id: job.id, status: "completed", reasoning: "r".repeat(300) }]);
    expect(items[0]).not.toHaveProperty("result");
    expect(items[0]).not.toHaveProperty("input");
    expect(job.result).toMatchObject({ id });
  });
});

describe("the rows of a preview", () => {
  it("come in pages, in their order, each once, with the exact total", async () => {
    const { customer_id: id } = await aTicket(test.db, { status: "completed", line_items: [{}, {}] });
    const whole = await pipeline.question(await pipeline.ask(agent, "contact.delete", { id }));
    const { changes } = whole.preview;
    expect(changes).toHaveLength(5);
    const first = previewPage(whole, { limit: 2 });
    const second = previewPage(whole, { limit: 2, cursor: String(first.next_cursor) });
    const third = previewPage(whole, { limit: 2, cursor: String(second.next_cursor) });
    expect([first, second, third].flatMap(({ items }) => items)).toEqual(changes);
    expect([first.total, second.total, third.next_cursor]).toEqual([5, 5, null]);
    expect(previewPage(whole, {})).toEqual({ items: changes, next_cursor: null, total: 5 });
  });

  it("refuse the cursor of another authorization", async () => {
    const [one, other] = await Promise.all(
      [1, 2].map(async () => {
        const { customer_id: id } = await aTicket(test.db, { status: "completed", line_items: [{}, {}] });
        return pipeline.question(await pipeline.ask(agent, "contact.delete", { id }));
      }),
    );
    if (!one || !other) throw new Error("nothing was parked");
    const cursor = String(previewPage(one, { limit: 1 }).next_cursor);
    expect(() => previewPage(other, { cursor })).toThrow(
      expect.objectContaining({ code: "validation_failed" }),
    );
  });
});
