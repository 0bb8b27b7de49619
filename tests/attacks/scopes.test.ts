import { rows } from "../../src/database/sql.ts";
import { anyBackend } from "../support/backends.ts";
import { aCrm, type TestCrm } from "../support/crm.ts";
import { aContact, aMessage, anInvoice, aTicket } from "../support/factories.ts";
import { elevenMinutesLater } from "../support/flush-queue.ts";
import { agent, owner } from "../support/pipeline.ts";

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
