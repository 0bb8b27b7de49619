import fc from "fast-check";
import { addAddress } from "../../../src/domain/contact/add-address.ts";
import type { JobRow } from "../../../src/domain/core/outcome.ts";
import { canonical } from "../../../src/domain/core/canonical.ts";
import { newId } from "../../../src/domain/core/ids.ts";
import { rows } from "../../../src/entities/database.ts";
import { Change } from "../../../src/entities/job.ts";
import { MONDAY_9 } from "../../support/act.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { testRegistry } from "../../support/errands.ts";
import { aTechnician, aTicket, theSettings } from "../../support/factories.ts";
import { agent, makePipeline, owner, type Pipeline } from "../../support/pipeline.ts";

const TABLES = ["contact", "address", "ticket", "line_item", "technician", "settings"];

/** One request; `of` and `hour` choose among the records and times there are. */
interface Wish {
  action: string;
  of: number;
  hour: number;
  cents: number;
  who: "agent" | "owner";
}

const wish: fc.Arbitrary<Wish> = fc.record({
  action: fc.constantFrom(
    "contact.create",
    "contact.update",
    "contact.add_address",
    "contact.delete",
    "ticket.create",
    "ticket.add_line_item",
    "ticket.schedule",
    "ticket.start",
    "ticket.complete",
    "ticket.cancel",
  ),
  of: fc.nat(4),
  hour: fc.integer({ min: 8, max: 11 }),
  cents: fc.integer({ min: 0, max: 50_000 }),
  who: fc.constantFrom("agent", "owner"),
});

describe("whatever is asked for, in whatever order", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  beforeAll(async () => {
    test = await testDatabase();
    pipeline = makePipeline(test.db, testRegistry, { now: MONDAY_9 });
    await theSettings(test.db, { travel_buffer_minutes: 15 });
    await aTechnician(test.db);
    await aTicket(test.db);
  });
  afterAll(() => test.drop());

  it("the database's rules hold, and each row is what its changes say", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(wish, { minLength: 5, maxLength: 15 }), async (wishes) => {
        const jobs: JobRow[] = [];
        for (const each of wishes) jobs.push(await carryOut(each));
        for (const job of jobs) await endedWell(job);
        await eachRowIsItsLastChange();
        await eachChangeFollowsTheOneBefore();
        expect(await doubleBookings()).toEqual([]);
      }),
      { numRuns: 15, endOnFailure: true },
    );
  });

  async function carryOut({ action, of, hour, cents, who }: Wish): Promise<JobRow> {
    const contact = await anId("contact", of);
    const ticket = await anId("ticket", of);
    const data: Record<string, object> = {
      "contact.create": { name: `Customer ${cents}` },
      "contact.update": { id: contact, notes: `worth ${cents}` },
      "contact.add_address": { ...addAddress.example, id: contact },
      "contact.delete": { id: contact },
      "ticket.create": {
        customer_id: contact,
        line_items: [{ description: "Windows", unit_price_cents: cents }],
      },
      "ticket.add_line_item": { id: ticket, description: "Screens", quantity: 1.5, unit_price_cents: cents },
      "ticket.schedule": {
        id: ticket,
        window_start: `2026-11-2${of + 4}T${String(hour).padStart(2, "0")}:00`,
      },
    };
    const rest = cents % 3 ? { reasoning: "They asked." } : {};
    const job = await pipeline.ask(
      who === "agent" ? agent : owner,
      action,
      data[action] ?? { id: ticket },
      rest,
    );
    return job.auth_status === "pending" && cents % 2 ? pipeline.answer(job) : job;
  }

  /** One that there is, or else one that there never was. */
  async function anId(table: "contact" | "ticket", at: number): Promise<string> {
    const found = await rows<{ id: string }>(
      test.db.manager,
      `SELECT id FROM ${table} ORDER BY id DESC LIMIT 5`,
    );
    return found[at]?.id ?? newId(table);
  }

  /** Done with something to show for it, or nothing written at all; refused in words, never by a bug. */
  async function endedWell(job: JobRow): Promise<void> {
    const written = await test.db.manager.countBy(Change, { job_id: job.id });
    expect(["completed", "failed", "authorization_required"]).toContain(job.status);
    expect(written > 0).toBe(job.status === "completed");
    if (job.status !== "failed") return;
    expect(["not_found", "invalid_state", "conflict", "reasoning_required"]).toContain(job.error?.["code"]);
  }

  async function eachRowIsItsLastChange(): Promise<void> {
    for (const table of TABLES) {
      const wrong = await rows(
        test.db.manager,
        `SELECT coalesce(t.id, last.record_id) FROM ${table} t FULL JOIN (
           SELECT DISTINCT ON (record_id) record_id, after FROM change WHERE table_name = '${table}'
           ORDER BY record_id, id DESC
         ) last ON last.record_id = t.id WHERE to_jsonb(t) IS DISTINCT FROM last.after`,
      );
      expect(wrong).toEqual([]);
    }
  }

  async function eachChangeFollowsTheOneBefore(): Promise<void> {
    const changes = await rows<Pick<Change, "record_id" | "before" | "after">>(
      test.db.manager,
      "SELECT record_id, before, after FROM change ORDER BY id",
    );
    const states = new Map<string, unknown>();
    for (const { record_id, before, after } of changes) {
      expect(canonical(before)).toBe(canonical(states.get(record_id) ?? null));
      states.set(record_id, after);
    }
  }

  const doubleBookings = () =>
    rows(
      test.db.manager,
      `SELECT a.id, b.id FROM ticket a JOIN ticket b ON a.id < b.id AND a.technician_id = b.technician_id
         AND a.during && b.during
       WHERE a.status IN ('scheduled', 'in_progress') AND b.status IN ('scheduled', 'in_progress')`,
    );
});
