import fc from "fast-check";
import { addAddress } from "../../../src/domain/contact/add-address.ts";
import type { JobRow } from "../../../src/domain/engine/jobs.ts";
import { canonical } from "../../../src/domain/core/canonical.ts";
import { type IdPrefix, newId } from "../../../src/domain/core/ids.ts";
import { rows } from "../../../src/database/sql.ts";
import { Change } from "../../../src/entities/change.ts";
import { TICKET_STATUSES } from "../../../src/entities/ticket.ts";
import { MONDAY_9 } from "../../support/act.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { testRegistry } from "../../support/probe-actions.ts";
import { guardedTables } from "../../support/dump-records.ts";
import { aTechnician, aTicket, theSettings } from "../../support/factories.ts";
import { agent, makePipeline, owner, type Pipeline } from "../../support/pipeline.ts";

const NOBODY = 9;

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
    "contact.update_address",
    "contact.remove_address",
    "contact.archive",
    "contact.merge",
    "ticket.update",
    "ticket.assign",
    "ticket.update_line_item",
    "ticket.remove_line_item",
    "ticket.no_show",
    "ticket.reopen",
  ),
  of: fc.nat(NOBODY),
  hour: fc.integer({ min: 6, max: 17 }),
  cents: fc.integer({ min: 0, max: 50_000 }),
  who: fc.constantFrom("agent", "owner"),
});

describe("random sequences of requests", () => {
  let test: TestDatabase;
  let pipeline: Pipeline;
  beforeAll(async () => {
    test = await testDatabase();
    pipeline = makePipeline(test.db, testRegistry, { now: MONDAY_9 });
    await theSettings(test.db, { travel_buffer_minutes: 15 });
    await aTechnician(test.db);
    await aTechnician(test.db, { name: "Bo Lind" });
    for (const status of TICKET_STATUSES) await aTicket(test.db, { status, line_items: [{}] });
  });
  afterAll(() => test.drop());

  it("violate no invariant, and leave each row equal to its last recorded change", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(wish, { minLength: 8, maxLength: 20 }), async (wishes) => {
        const jobs: JobRow[] = [];
        for (const each of wishes) jobs.push(await carryOut(each));
        for (const { id } of jobs) await endedWell(await pipeline.job(id)); // A twin may have been answered since.
        await eachRowIsItsLastChange();
        await eachChangeFollowsTheOneBefore();
        expect(await doubleBookings()).toEqual([]);
        expect(await outsideHoursUnasked()).toEqual([]);
        expect(await linesThatDrifted()).toEqual([]);
        expect(await halfMerged()).toEqual([]);
      }),
      { numRuns: 20, endOnFailure: true },
    );
  });

  async function carryOut({ action, of, hour, cents, who }: Wish): Promise<JobRow> {
    const contact = await anId("contact", of);
    const ticket = await anId("ticket", of);
    const technician_id = await anId("technician", cents % 2);
    const window_start = `2026-11-2${(of % 5) + 4}T${String(hour).padStart(2, "0")}:00`;
    const outside_hours = cents % 4 < 2;
    const data: Record<string, object> = {
      "contact.create": {
        name: `Customer ${cents}`,
        phones: [{ number: `608555010${of}` }],
        allow_duplicate: cents % 2 === 0,
      },
      "contact.update": { id: contact, notes: `worth ${cents}` },
      "contact.add_address": { ...addAddress.example, id: contact },
      "contact.delete": { id: contact },
      "ticket.create": {
        customer_id: contact,
        line_items: [{ description: "Windows", unit_price_cents: cents }],
      },
      "ticket.add_line_item": { id: ticket, description: "Screens", quantity: 1.5, unit_price_cents: cents },
      "ticket.schedule": { id: ticket, technician_id, window_start, outside_hours },
      "contact.update_address": { address_id: await anId("address", of), access_notes: `worth ${cents}` },
      "contact.remove_address": { address_id: await anId("address", of) },
      "contact.archive": { id: contact },
      "contact.merge": { id: contact, into_id: await anId("contact", hour, contact) },
      "ticket.update": { id: ticket, duration_minutes: 15 * hour, outside_hours },
      "ticket.assign": { id: ticket, technician_id, outside_hours },
      "ticket.update_line_item": {
        line_item_id: await anId("line_item", of),
        ...{ quantity: hour / 8, tax_bp: cents % 1_000 },
      },
      "ticket.remove_line_item": { line_item_id: await anId("line_item", of) },
      "ticket.reopen": { id: ticket, technician_id, window_start, outside_hours },
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

  /** One of the newest, or one that there never was. */
  async function anId(table: IdPrefix, at: number, except = ""): Promise<string> {
    const found = await rows<{ id: string }>(
      test.db.manager,
      `SELECT id FROM ${table} WHERE id <> $1 ORDER BY id DESC LIMIT 8`,
      [except],
    );
    return (at === NOBODY ? undefined : found[at % found.length]?.id) ?? newId(table);
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
    for (const table of await guardedTables(test.db)) {
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

  /** Booked visits that lie in no span of work, although nobody insisted. */
  const outsideHoursUnasked = () =>
    rows(
      test.db.manager,
      `SELECT t.id FROM ticket t JOIN technician ON technician.id = technician_id
       CROSS JOIN LATERAL (SELECT window_start AT TIME ZONE 'America/Chicago' AS begins,
         window_end AT TIME ZONE 'America/Chicago' AS ends) local
       CROSS JOIN LATERAL (SELECT working_hours->trim(lower(to_char(begins, 'day'))) AS hours) of_day
       WHERE status = 'scheduled' AND NOT outside_hours AND NOT coalesce(
         begins >= begins::date + (hours->>0)::time AND ends <= begins::date + (hours->>1)::time, false)`,
    );

  /** Lines whose total is not quantity × price − discount + tax, each rounded once. */
  const linesThatDrifted = () =>
    rows(
      test.db.manager,
      `SELECT id FROM line_item CROSS JOIN LATERAL (SELECT round(quantity * unit_price_cents) - discount_cents AS net) n
       WHERE total_cents <> net + round(net * tax_bp / 10000)`,
    );

  /** Merged duplicates that still have something, are not put away, or forward to one who forwards again. */
  const halfMerged = () =>
    rows(
      test.db.manager,
      `SELECT d.id FROM contact d JOIN contact k ON k.id = d.merged_into_id
       WHERE d.archived_at IS NULL OR k.merged_into_id IS NOT NULL
         OR EXISTS (SELECT FROM ticket WHERE customer_id = d.id) OR EXISTS (SELECT FROM address WHERE contact_id = d.id)`,
    );
});
