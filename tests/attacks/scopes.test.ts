import fc from "fast-check";
import { rows } from "../../src/database/sql.ts";
import { newId } from "../../src/domain/core/ids.ts";
import { amountOf, readHistory } from "../../src/domain/contact/history.ts";
import type { RuleScope } from "../../src/entities/rule-scope.ts";
import { anyBackend } from "../support/backends.ts";
import { aCrm, type TestCrm } from "../support/crm.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { aContact, aMessage, anInvoice, aTicket, theSettings } from "../support/factories.ts";
import { elevenMinutesLater } from "../support/flush-queue.ts";
import { agent, type JobRow, makePipeline, owner, type Pipeline } from "../support/pipeline.ts";

/** Each run is up to twenty jobs. */
const LONG = 300_000;
const DONE = { status: "completed" };
const PARKED = { status: "authorization_required" };
const priced = (cents: number) => ({ line_items: [{ unit_price_cents: cents, total_cents: cents }] });

anyBackend("A scope of Allow Always cannot be walked around:", (backend) => {
  let crm: TestCrm;
  beforeAll(async () => {
    crm = await aCrm(backend);
  });
  afterAll(() => crm.close());
  beforeEach(() => elevenMinutesLater(crm));

  const remove = (id: string) => crm.ask(agent, "contact.delete", { id });
  const done = async (action: string, data: object) => {
    const job = await crm.ask(agent, action, data, { reasoning: "The customer asked for it." });
    expect(job).toMatchObject(DONE);
    return job;
  };
  const upTo100 = async () => {
    const { customer_id } = await aTicket(crm.db, priced(10_000));
    expect(await crm.allow(await remove(customer_id), { max_amount_cents: 10_000 })).toMatchObject(DONE);
  };

  it("prices set to 0 do not make a $4,500 customer worth less than $100", async () => {
    await upTo100();
    const { id, customer_id } = await aTicket(crm.db, priced(450_000));
    const [line] = await rows<{ id: string }>(
      crm.db.manager,
      "SELECT id FROM line_item WHERE ticket_id = $1",
      [id],
    );
    for (const unit_price_cents of [100, 0]) {
      await done("ticket.update_line_item", { line_item_id: line?.id, unit_price_cents });
      const parked = { ...PARKED, reason: expect.stringContaining("$4,500") };
      expect(await remove(customer_id)).toMatchObject(parked);
    }
  });

  it("a customer with messages and no price passes no amount", async () => {
    await upTo100();
    const { customer_id } = await aMessage(crm.db);
    expect(await remove(customer_id)).toMatchObject(PARKED);
  });

  it("an invoice counts too, and a visit with its invoice counts once", async () => {
    await upTo100();
    const { customer_id } = await aTicket(crm.db, priced(5_000));
    await anInvoice(crm.db, { customer_id, total_cents: 450_000 });
    expect(await remove(customer_id)).toMatchObject(PARKED);

    const visit = await aTicket(crm.db, priced(10_000));
    await anInvoice(crm.db, { customer_id: visit.customer_id, ticket_id: visit.id, total_cents: 10_000 });
    expect(await remove(visit.customer_id)).toMatchObject(DONE);
  });

  it("a rule for one customer ends when 15 visits are merged into them", async () => {
    const { id } = await aContact(crm.db, { do_not_contact: true });
    const reach = { id, do_not_contact: false };
    const allowed = await crm.allow(await crm.ask(agent, "contact.update", reach), { record_id: id });
    const rule = await crm.ruleOf(allowed);
    expect(rule).toMatchObject({ scope: { record_id: id }, revoked_at: null });
    const { customer_id } = await aTicket(crm.db, { status: "completed" });
    for (let visit = 1; visit < 15; visit++) await aTicket(crm.db, { customer_id, status: "completed" });
    const merge = await done("contact.merge", { id: customer_id, into_id: id });
    expect(await crm.ruleOf(allowed)).toMatchObject({
      revoked_at: expect.any(String),
      revoked_reason: `Another record was merged into it by ${merge.job_id}`,
    });
    await done("contact.update", { id, do_not_contact: true });
    expect(await crm.ask(agent, "contact.update", reach)).toMatchObject(PARKED);
    expect(await remove(id)).toMatchObject(PARKED);
  });

  it("a rule for one customer cannot be made from their deletion", async () => {
    const { customer_id } = await aTicket(crm.db);
    const { queue_id = "" } = await remove(customer_id);
    const always = {
      decision: "authorized",
      upgrade_permission: true,
      scope: { record_id: customer_id },
    } as const;
    await expect(crm.crm.decide(owner, queue_id, always)).rejects.toMatchObject({
      code: "validation_failed",
      body: {
        fields: [{ path: "scope.record_id", message: expect.stringContaining("deletes this record") }],
      },
    });
  });
});

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
          const { customer_id } = await aTicket(test.db, priced(5_000));
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
