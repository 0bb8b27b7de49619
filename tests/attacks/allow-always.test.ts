import { newId } from "../../src/domain/core/ids.ts";
import type { RuleScope } from "../../src/entities/rule-scope.ts";
import { Contact } from "../../src/entities/contact.ts";
import { connectionWaitsForLock } from "../support/act.ts";
import { anyBackend } from "../support/backends.ts";
import { aCrm, type TestCrm } from "../support/crm.ts";
import { aContact, aTicket } from "../support/factories.ts";
import { elevenMinutesLater } from "../support/flush-queue.ts";
import { agent, office, otherAgent, owner } from "../support/pipeline.ts";

const DONE = { status: "completed" };
const PARKED = { status: "authorization_required" };
const HOUR = 3_600_000;

anyBackend("Allow Always, outside its scope,", (backend) => {
  let crm: TestCrm;
  let id: string;
  beforeAll(async () => {
    crm = await aCrm(backend);
  });
  afterAll(() => crm.close());
  beforeEach(async () => {
    crm.clock.now = undefined;
    await elevenMinutesLater(crm);
    ({ id } = await aContact(crm.db));
  });

  const spend = (data: object = {}, actor = agent) =>
    crm.ask(actor, "probe.spend", { id, cents: 100, ...data });
  /** The owner always allows `probe.spend` of 100 cents within `scope`. */
  const allowAlways = async (scope: RuleScope = {}) => {
    const allowed = await crm.allow(await spend(), scope);
    expect(allowed).toMatchObject(DONE);
    return crm.ruleOf(allowed);
  };
  const aCustomer = async (visits = 1) => {
    const { customer_id } = await aTicket(crm.db, { line_items: [{ total_cents: 10_000 }] });
    for (let more = 1; more < visits; more++)
      await aTicket(crm.db, { customer_id, line_items: [{ total_cents: 10_000 }] });
    return customer_id;
  };
  const remove = (customer: string) => crm.ask(agent, "contact.delete", { id: customer });

  it("asks again for another customer", async () => {
    await allowAlways({ record_id: id });
    expect(await spend({ id: (await aContact(crm.db)).id })).toMatchObject(PARKED);
    expect(await spend()).toMatchObject(DONE);
  });

  it("asks again above the amount, for an unknown amount, and for a customer with a higher value", async () => {
    await allowAlways({ max_amount_cents: 100 });
    expect(await spend({ cents: 101 })).toMatchObject(PARKED);
    expect(await spend({ cents: undefined, risky: true })).toMatchObject(PARKED);
    expect(await spend({ cents: 100 })).toMatchObject(DONE);

    expect(await crm.allow(await remove(await aCustomer()), { max_amount_cents: 10_000 })).toMatchObject(
      DONE,
    );
    expect(await remove(await aCustomer(2))).toMatchObject(PARKED);
    expect(await remove(await aCustomer())).toMatchObject(DONE);
  });

  it("asks again for another action: an equivalent one, a workflow around it, a bulk action", async () => {
    await allowAlways();
    const step = { action: "probe.spend", data: { id, cents: 100 } };
    expect(await crm.ask(agent, "probe.splurge", step.data)).toMatchObject(PARKED);
    expect(await crm.ask(agent, "probe.script", { steps: [step] })).toMatchObject(PARKED);
    expect(await crm.allow(await remove(await aCustomer()), {})).toMatchObject(DONE);
    expect(await crm.ask(agent, "contact.bulk_delete", { ids: [await aCustomer()] })).toMatchObject(PARKED);
  });

  it("asks again for another token, and for a person who is not the owner", async () => {
    await allowAlways();
    expect(await spend({}, otherAgent)).toMatchObject(PARKED);
    expect(await spend({}, office)).toMatchObject(PARKED);
    expect(await spend()).toMatchObject(DONE);
  });

  it("asks again for a cause that the rule does not cover: more than five records, or a full window", async () => {
    expect(await crm.allow(await remove(await aCustomer()), {})).toMatchObject(DONE);
    // Each takes a visit along, which counts for the next one: 0, 2 and 4 before, and the customer itself.
    for (let used = 0; used < 3; used++) expect(await remove(await aCustomer())).toMatchObject(DONE);
    expect(await remove(await aCustomer())).toMatchObject(PARKED);
  });

  it("asks again once it is revoked, also for a running job that is not yet judged", async () => {
    const customer = await aCustomer();
    const allowed = await crm.allow(await remove(await aCustomer()), {});
    const rule = await crm.ruleOf(allowed);
    // The job waits for the customer's row lock; the rule is revoked before the job gets it.
    const late = await crm.db.transaction(async (holder) => {
      await holder.findOneOrFail(Contact, { where: { id: customer }, lock: { mode: "pessimistic_write" } });
      const job = remove(customer);
      await connectionWaitsForLock(crm.db);
      await crm.crm.revokeRule(owner, rule.id);
      return { job };
    });
    expect(await late.job).toMatchObject(PARKED);
    expect(await remove(await aCustomer())).toMatchObject(PARKED);
  });

  it("asks again once it has expired", async () => {
    const until = new Date(Date.now() + HOUR);
    await allowAlways({ until: until.toISOString() });
    crm.clock.now = new Date(until.getTime() - 1);
    expect(await spend()).toMatchObject(DONE);
    crm.clock.now = until;
    expect(await spend()).toMatchObject(PARKED);
  });

  it("asks again once its uses are exhausted, also under concurrency; failed jobs do not count", async () => {
    const rule = await allowAlways({ max_uses: 3 });
    expect(await spend({ id: newId("contact") })).toMatchObject({ status: "failed" });
    const customers = await Promise.all(Array.from({ length: 10 }, () => aContact(crm.db)));
    const jobs = await Promise.all(customers.map((customer) => spend({ id: customer.id })));
    expect(jobs.filter(({ status }) => status === DONE.status)).toHaveLength(3);
    expect(jobs.filter(({ status }) => status === PARKED.status)).toHaveLength(7);
    const { items } = await crm.crm.rules(owner);
    expect(items.find((each) => each.id === rule.id)).toMatchObject({ uses: 3 });
  });
});
