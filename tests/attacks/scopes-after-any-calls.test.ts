import fc from "fast-check";
import { rows } from "../../src/database/sql.ts";
import { newId } from "../../src/domain/core/ids.ts";
import { amountOf, readHistory } from "../../src/domain/contact/history.ts";
import type { RuleScope } from "../../src/entities/rule-scope.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { aContact, aTicket, theSettings } from "../support/factories.ts";
import { elevenMinutesLater } from "../support/flush-queue.ts";
import { agent, type JobRow, makePipeline, type Pipeline } from "../support/pipeline.ts";

/** Each run is up to twenty jobs. */
const LONG = 300_000;

/** A call that the agent makes on its customer before the deletion. */
type Step = { kind: string; cents: number };
const STEPS = [
  "visit",
  "price",
  "cheaper",
  "message",
  "qualified",
  "merge",
  "move",
  "undo",
  "update",
] as const;

const cents = fc.constantFrom(0, 100, 9_999, 10_000, 10_001, 450_000);
const step: fc.Arbitrary<Step> = fc.record({ kind: fc.constantFrom(...STEPS), cents });
/** Most begin with a priced visit, so that there is something to hide. */
const steps = fc
  .tuple(
    fc.record({ kind: fc.constantFrom("visit", "visit", "visit", "update"), cents }),
    fc.array(step, { maxLength: 4 }),
  )
  .map(([first, rest]) => [first, ...rest]);

describe("whatever unrestricted and soft_limit calls come before,", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  beforeAll(async () => {
    test = await testDatabase();
    pipeline = makePipeline(test.db);
    await theSettings(test.db);
  });
  afterAll(() => test.drop());
  beforeEach(() => elevenMinutesLater({ databaseUrl: test.url }));

  const id = (job: JobRow) => (job.result as { id: string }).id;
  const ask = (action: string, data: object) => pipeline.ask(agent, action, data);

  /** The agent's calls on one customer; what would need a person stays parked and changes nothing. */
  function makeCalls(customer: string) {
    const jobs: JobRow[] = [];
    const visits: string[] = [];
    const call = async (action: string, data: object) => {
      const job = await ask(action, data);
      if (job.status === "completed") jobs.push(job);
      return job;
    };
    const lines = () =>
      rows<{ id: string }>(
        test.db.manager,
        "SELECT l.id FROM line_item l JOIN ticket t ON t.id = ticket_id WHERE customer_id = $1",
        [customer],
      );
    const line = (cents: number) => ({ description: "Windows", unit_price_cents: cents });
    const visit = async (customer_id: string, cents: number) => {
      const job = await call("ticket.create", { customer_id, line_items: [line(cents)] });
      if (job.status === "completed") visits.push(id(job));
    };
    return {
      visit: (cents: number) => visit(customer, cents),
      price: (cents: number) =>
        call("ticket.add_line_item", { id: visits.at(-1) ?? newId("ticket"), ...line(cents) }),
      async cheaper(cents: number) {
        for (const { id: line_item_id } of await lines())
          await call("ticket.update_line_item", { line_item_id, unit_price_cents: Math.min(cents, 100) });
      },
      message: () => call("message.log_inbound", { customer_id: customer, body: "Hello" }),
      async qualified() {
        const lead = await call("lead.create", { raw_notes: "A quote", name: "Lee", customer_id: customer });
        for (const action of ["lead.contact", "lead.qualify"]) await call(action, { id: id(lead) });
      },
      async merge(cents: number) {
        const other = id(await call("contact.create", { name: "Duplicate" }));
        await visit(other, cents);
        await call("contact.merge", { id: other, into_id: customer });
      },
      async move() {
        const [first] = await lines();
        if (first) await call("ticket.remove_line_item", { line_item_id: first.id });
      },
      async undo() {
        const last = jobs.pop();
        if (last) await ask("job.undo", { job_id: last.id });
      },
      update: () => call("contact.update", { id: customer, notes: "Wants fewer calls" }),
    };
  }

  /** A live rule, also one that the product would no longer make. */
  async function aRule(scope: RuleScope, approved: object[]): Promise<string> {
    const rule = newId("rule");
    const asked = await ask("contact.delete", { id: (await aTicket(test.db)).customer_id });
    await rows(
      test.db.manager,
      `INSERT INTO rule (id, action, principal, principal_name, causes, scope, approved, authorization_id, created_by,
         created_by_name) VALUES ($1, 'contact.delete', $2, 'x', '{data,window}', $3, $4, $5, 'x', 'x')`,
      [rule, `agent:${agent.id}`, JSON.stringify(scope), JSON.stringify(approved), asked.queue_id],
    );
    return rule;
  }
  const live = async (rule: string) =>
    (await rows(test.db.manager, "SELECT FROM rule WHERE id = $1 AND revoked_at IS NULL", [rule])).length ===
    1;

  /** The most that the customer's visits were ever worth, counted while the steps ran. */
  async function play(customer: string, steps: Step[]): Promise<number> {
    const calls = makeCalls(customer);
    let most = 0;
    await elevenMinutesLater({ databaseUrl: test.url, rules: "kept" });
    for (const { kind, cents } of steps) {
      await calls[kind as (typeof STEPS)[number]](cents);
      most = Math.max(most, await worthNow(customer));
    }
    return most;
  }
  const worthNow = async (customer: string) => {
    const [found] = await rows<{ cents: number }>(
      test.db.manager,
      `SELECT coalesce(sum(total_cents), 0)::bigint AS cents
       FROM line_item l JOIN ticket t ON t.id = l.ticket_id WHERE customer_id = $1`,
      [customer],
    );
    return found?.cents ?? 0;
  };

  it(
    "a rule with an amount never lets a deletion through whose history was ever worth more or has no price",
    async () => {
      const rule = await aRule({ max_amount_cents: 10_000 }, []);
      const passed: number[] = [];
      await fc.assert(
        fc.asyncProperty(steps, async (calls) => {
          const { id: customer } = await aContact(test.db);
          const most = await play(customer, calls);
          const history = await readHistory(test.db.manager, customer);
          const deleted = await ask("contact.delete", { id: customer });
          if (deleted.allowed_by !== rule) return;
          passed.push(most);
          expect(most).toBeLessThanOrEqual(10_000);
          expect(amountOf(history)).toBeGreaterThan(0);
        }),
        { numRuns: 60, seed: 9, endOnFailure: true },
      );
      expect(passed.length).toBeGreaterThan(0); // Otherwise the property says nothing.
    },
    LONG,
  );

  it(
    "a rule for one customer never lets a deletion through with more history than was approved",
    async () => {
      let passed = 0;
      const counts = ["tickets", "invoices", "messages", "leads"] as const;
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 4 }), async (steps) => {
          const { customer_id } = await aTicket(test.db, {
            line_items: [{ unit_price_cents: 5_000, total_cents: 5_000 }],
          });
          const approved = await readHistory(test.db.manager, customer_id);
          const rule = await aRule({ record_id: customer_id }, [approved]);
          await play(customer_id, steps);
          const history = await readHistory(test.db.manager, customer_id);
          const merged = steps.some(({ kind }) => kind === "merge");
          if (merged) expect(await live(rule)).toBe(false);
          const deleted = await ask("contact.delete", { id: customer_id });
          if (deleted.allowed_by !== rule) return;
          passed += 1;
          expect(merged).toBe(false);
          for (const count of counts)
            expect(Number(history[count])).toBeLessThanOrEqual(Number(approved[count]));
          expect(amountOf(history)).toBeLessThanOrEqual(approved.value_cents);
        }),
        { numRuns: 20, seed: 9, endOnFailure: true },
      );
      expect(passed).toBeGreaterThan(0);
    },
    LONG,
  );
});
