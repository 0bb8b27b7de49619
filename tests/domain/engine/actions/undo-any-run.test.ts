import fc from "fast-check";
import type { TestDatabase } from "../../../support/database.ts";
import { dumpRecords } from "../../../support/dump-records.ts";
import { anAttribute } from "../../../support/definitions.ts";
import { aTechnician, aTicket } from "../../../support/factories.ts";
import { type JobRow, owner, type Pipeline, testPipeline } from "../../../support/pipeline.ts";
import { rounds } from "../../../support/form.ts";

type Made = Record<"contact" | "ticket" | "lead" | "service", string[]>;

describe("undoing", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  beforeAll(async () => {
    ({ test, pipeline } = await testPipeline());
    await aTechnician(test.db);
    await anAttribute(test.db, { key: "rating" });
  });
  afterAll(() => test.drop());

  const undo = (job: JobRow) => pipeline.ask(owner, "job.undo", { job_id: job.id });
  const id = (job: JobRow) => (job.result as { id: string }).id;

  it("any run of actions, newest first, restores every record exactly", async () => {
    const choice = fc.constantFrom(
      "create",
      "update",
      "address",
      "visit",
      "line",
      "schedule",
      "start",
      "complete",
      "cancel",
      "delete",
      "lead",
      "advance",
      "convert",
      "service",
      "sell",
      "fill",
      "wait",
      "correct",
      "remove",
      "archive",
      "merge",
      "change",
      "reprice",
      "unline",
      "missed",
      "reopen",
    );
    const steps = fc.array(fc.tuple(choice, fc.nat(5), fc.string({ maxLength: 8, unit: "grapheme-ascii" })), {
      minLength: 1,
      maxLength: 15,
    });
    await fc.assert(
      fc.asyncProperty(steps, async (chosen) => {
        const there = [
          await aTicket(test.db, { line_items: [{}] }),
          await aTicket(test.db, { status: "completed" }),
        ];
        const made: Made = {
          contact: there.map(({ customer_id }) => customer_id),
          ticket: there.map((ticket) => ticket.id),
          lead: [],
          service: [],
        };
        const states = [await dumpRecords(test.db)];
        const jobs: JobRow[] = [];
        for (const [step, which, words] of chosen) {
          const job = await take(step, which, words, made);
          if (job?.status !== "completed") continue;
          jobs.push(job);
          states.push(await dumpRecords(test.db));
        }
        for (const job of jobs.reverse()) {
          states.pop();
          expect(await undo(job)).toMatchObject({ status: "completed", error: null });
          expect(await dumpRecords(test.db)).toEqual(states.at(-1));
        }
      }),
      { numRuns: rounds(8, 25) },
    );
  }, 180_000);

  /** One step of a random run; undefined where there is nothing yet to take it on. */
  async function take(step: string, which: number, words: string, made: Made): Promise<JobRow | undefined> {
    const [contact, ticket, lead, service] = (["contact", "ticket", "lead", "service"] as const).map(
      (kind) => made[kind][which % (made[kind].length || 1)],
    );
    const oneOf = async (from: string) =>
      (await test.db.query<{ id: string }[]>(`SELECT id FROM ${from} ORDER BY id LIMIT 1`))[0]?.id;
    const address = await oneOf(`address WHERE contact_id = '${contact}'`);
    const line_item = await oneOf(`line_item WHERE ticket_id = '${ticket}'`);
    const ask = (action: string, data: unknown) => pipeline.ask(owner, action, data);
    const start = new Date(Date.now() + (which + 1) * 86_400_000).toISOString();
    const steps: Record<string, () => Promise<JobRow> | "" | undefined> = {
      create: () =>
        ask("contact.create", {
          name: `N${words}`,
          notes: words.trim() || null,
          emails: ["a@example.com"],
          allow_duplicate: true,
        }),
      update: () => contact && ask("contact.update", { id: contact, notes: `${words}.`, tags: ["x"] }),
      address: () => contact && ask("contact.add_address", { id: contact, lines: [`1 ${words}`] }),
      visit: () =>
        contact &&
        ask("ticket.create", {
          customer_id: contact,
          line_items: [{ description: "W", quantity: 0.333, unit_price_cents: 999 }],
        }),
      line: () =>
        ticket && ask("ticket.add_line_item", { id: ticket, description: "More", unit_price_cents: 1 }),
      schedule: () =>
        ticket && ask("ticket.schedule", { id: ticket, window_start: start, outside_hours: true }),
      start: () => ticket && ask("ticket.start", { id: ticket }),
      complete: () => ticket && ask("ticket.complete", { id: ticket }),
      cancel: () => ticket && ask("ticket.cancel", { id: ticket }),
      delete: () => contact && ask("contact.delete", { id: contact }),
      lead: () => ask("lead.create", { raw_notes: `Q${words}`, name: "L", customer_id: contact ?? null }),
      advance: () =>
        lead && ask(["lead.contact", "lead.qualify", "lead.archive"][which % 3] ?? "", { id: lead }),
      convert: () => lead && ask("lead.convert", { id: lead }),
      service: () => ask("service.create", { name: `S${words}`, unit_price_cents: 333 }),
      sell: () => ticket && service && ask("ticket.add_line_item", { id: ticket, service_id: service }),
      fill: () => contact && ask("attribute.set", { id: contact, values: { rating: which || null } }),
      wait: () => contact && ask("waitlist.add", { customer_id: contact }),
      correct: () => address && ask("contact.update_address", { address_id: address, city: `${words}.` }),
      remove: () => address && ask("contact.remove_address", { address_id: address }),
      archive: () => contact && ask("contact.archive", { id: contact }),
      merge: () =>
        contact && ask("contact.merge", { id: contact, into_id: made.contact.find((id) => id !== contact) }),
      change: () => ticket && ask("ticket.update", { id: ticket, duration_minutes: 5 + which }),
      reprice: () =>
        line_item && ask("ticket.update_line_item", { line_item_id: line_item, quantity: which + 0.125 }),
      unline: () => line_item && ask("ticket.remove_line_item", { line_item_id: line_item }),
      missed: () => ticket && ask("ticket.no_show", { id: ticket }),
      reopen: () => ticket && ask("ticket.reopen", { id: ticket, window_start: start, outside_hours: true }),
    };
    const job = (await steps[step]?.()) || undefined;
    if (job?.status === "completed" && step === "create") made.contact.push(id(job));
    if (job?.status === "completed" && step === "visit") made.ticket.push(id(job));
    if (job?.status === "completed" && (step === "lead" || step === "service")) made[step].push(id(job));
    return job;
  }
});
