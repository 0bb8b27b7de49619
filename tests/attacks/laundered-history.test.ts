import { type TestDatabase, testDatabase } from "../support/database.ts";
import { aContact, aTechnician, aTicket, theSettings } from "../support/factories.ts";
import { LONG_FORM } from "../support/form.ts";
import { elevenMinutesLater } from "../support/flush-queue.ts";
import { agent, type JobRow, makePipeline, owner, type Pipeline } from "../support/pipeline.ts";

/** The jobs of one block, oldest first. They leave the customer with history that their undo takes away. */
type Block = (customer: string) => Promise<JobRow[]>;

const id = (job: JobRow) => (job.result as { id: string }).id;

describe("a deletion after undone history", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  let technician_id: string;
  let hour = 0;
  beforeAll(async () => {
    test = await testDatabase();
    pipeline = makePipeline(test.db);
    await theSettings(test.db);
    technician_id = (await aTechnician(test.db)).id;
  });
  afterAll(() => test.drop());

  const done = async (action: string, data: object): Promise<JobRow> => {
    const job = await pipeline.ask(agent, action, data);
    expect(job).toMatchObject({ status: "completed", error: null });
    return job;
  };
  const steps = async (id: string, actions: Record<string, object>): Promise<JobRow[]> => {
    const jobs: JobRow[] = [];
    for (const [action, data] of Object.entries(actions)) jobs.push(await done(action, { id, ...data }));
    return jobs;
  };
  const visit = async (customer_id: string, rest: object = {}) =>
    done("ticket.create", { customer_id, ...rest });
  const nextWindow = () => new Date(Date.UTC(2031, 0, 6) + 3 * 3_600_000 * hour++).toISOString();

  const BLOCKS: Record<string, Block> = {
    visit: async (customer) => [await visit(customer)],
    "priced visit": async (customer) => [
      await visit(customer, { line_items: [{ description: "Windows", unit_price_cents: 450_000 }] }),
    ],
    "visit done": async (customer) => {
      const created = await visit(customer, { technician_id });
      return [created, ...(await steps(id(created), { "ticket.start": {}, "ticket.complete": {} }))];
    },
    "visit booked": async (customer) => {
      const created = await visit(customer);
      const window_start = nextWindow();
      return [
        created,
        ...(await steps(id(created), {
          "ticket.schedule": { window_start, technician_id, outside_hours: true },
        })),
      ];
    },
    "visit through a workflow": async (customer_id) => [
      await done("probe.script", { steps: [{ action: "ticket.create", data: { customer_id } }] }),
    ],
    message: async (customer_id) => [
      await done("message.log_inbound", { customer_id, body: "Please call me." }),
    ],
    "qualified lead": async (customer_id) => {
      const created = await done("lead.create", { raw_notes: "Wants a quote", name: "Lee", customer_id });
      return [created, ...(await steps(id(created), { "lead.contact": {}, "lead.qualify": {} }))];
    },
    "lead qualified for nobody": async (customer_id) => {
      const created = await done("lead.create", { raw_notes: "Wants a quote", name: "Lee" });
      const advance = { "lead.contact": {}, "lead.qualify": {}, "lead.archive": {}, "lead.reopen": {} };
      return [created, ...(await steps(id(created), { ...advance, "lead.update": { customer_id } }))];
    },
    "converted lead": async (customer_id) => {
      const created = await done("lead.create", { raw_notes: "Wants a quote", name: "Lee" });
      const advance = { "lead.contact": {}, "lead.qualify": {}, "lead.convert": { customer_id } };
      return [created, ...(await steps(id(created), advance))];
    },
    merge: async (customer) => {
      const { customer_id } = await aTicket(test.db, { status: "completed" });
      return [await done("contact.merge", { id: customer_id, into_id: customer })];
    },
  };

  /** Undoes the jobs as the agent, newest first. What waits for a person is allowed: they were asked. */
  async function undoAll(jobs: JobRow[]): Promise<void> {
    for (const job of jobs.toReversed()) {
      const undone = await pipeline.ask(agent, "job.undo", { job_id: job.id });
      const ended = undone.status === "authorization_required" ? await pipeline.answer(undone) : undone;
      expect(ended).toMatchObject({ status: "completed", error: null });
    }
  }

  const names = Object.keys(BLOCKS);
  const paths = [
    ...names.map((name) => [name]),
    ...names.flatMap((one) => names.map((other) => [one, other])),
    ...names.flatMap((one, at) =>
      names.map((other, next) => [one, other, names[(at + next + 1) % names.length] ?? one]),
    ),
  ];

  /** All in the long form; in the short one each block alone and every tenth path. */
  const tested = LONG_FORM ? paths : paths.filter(({ length }, at) => length === 1 || at % 10 === 0);

  it.each(tested.map((path) => [path.join(", "), path]))("needs a person: %s", async (_, path) => {
    const { id: customer } = await aContact(test.db);
    for (const name of path) {
      await elevenMinutesLater({ databaseUrl: test.url }); // The window is not what this is about.
      await undoAll((await BLOCKS[name]?.(customer)) ?? []);
    }
    const deletion = await pipeline.ask(agent, "contact.delete", { id: customer });
    expect(deletion).toMatchObject({
      status: "authorization_required",
      auth_reason: expect.stringContaining("Customer has"),
    });
    await pipeline.answer(deletion, { decision: "denied" }); // One agent may have only so many that wait.
  });

  it("is generated for at least 200 paths", () => expect(paths.length).toBeGreaterThanOrEqual(200));

  it("needs a person after bulk changes and a chain in one workflow", async () => {
    const { id: customer } = await aContact(test.db);
    const created = await visit(customer);
    await undoAll([created, await done("contact.bulk_update", { ids: [customer], data: { notes: "x" } })]);
    expect(await pipeline.ask(agent, "contact.bulk_delete", { ids: [customer] })).toMatchObject({
      status: "authorization_required",
    });
  });

  it("needs nobody for a customer who never had any history", async () => {
    const { id: customer } = await aContact(test.db);
    await undoAll([await done("contact.update", { id: customer, notes: "x" })]);
    expect(await pipeline.ask(agent, "contact.delete", { id: customer })).toMatchObject({
      status: "completed",
    });
  });

  it("is allowed to the owner", async () => {
    const { id: customer } = await aContact(test.db);
    await undoAll([await visit(customer)]);
    expect(await pipeline.ask(owner, "contact.delete", { id: customer })).toMatchObject({
      status: "completed",
    });
  });
});
