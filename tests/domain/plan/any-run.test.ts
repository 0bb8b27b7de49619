import fc from "fast-check";
import { In } from "typeorm";
import { rows } from "../../../src/database/sql.ts";
import { missingDates } from "../../../src/domain/plan/due.ts";
import { Plan } from "../../../src/entities/plan.ts";
import { Settings } from "../../../src/entities/settings.ts";
import { Ticket } from "../../../src/entities/ticket.ts";
import { MONDAY_9 } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aContact, aTechnician, theSettings } from "../../support/factories.ts";
import { rounds } from "../../support/form.ts";
import { makePipeline, owner, type Pipeline } from "../../support/pipeline.ts";
import { testRegistry } from "../../support/probe-actions.ts";
import { fillPlans } from "../../../src/workers/plans.ts";
import { makePlan } from "./planning.ts";

const DAY_MS = 24 * 3_600_000;

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
  await theSettings(test.db, { plan_horizon_days: 21 });
  for (const name of ["Ada", "Zoe"]) technicians.push((await aTechnician(test.db, { name })).id);
});
const technicians: string[] = [];
afterAll(() => test.drop());

type Step =
  | { kind: "wait"; days: number }
  | { kind: "ask"; action: "plan.skip" | "plan.pause" | "plan.resume"; refill: boolean }
  | { kind: "update"; data: object }
  | {
      kind: "visit";
      action: "ticket.cancel" | "ticket.reschedule" | "ticket.start";
      nth: number;
      days: number;
      whose: "plan" | "other";
      refill: boolean;
    }
  | { kind: "other"; nth: number }
  | { kind: "off"; nth: number; days: number }
  | { kind: "undo"; nth: number };

const nth = fc.nat({ max: 7 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("wait" as const), days: fc.integer({ min: 1, max: 9 }) }),
  fc.record({
    kind: fc.constant("ask" as const),
    action: fc.constantFrom("plan.skip" as const, "plan.pause" as const, "plan.resume" as const),
    refill: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant("update" as const),
    data: fc.constantFrom<object[]>(
      { time: "09:00" },
      { time: "14:00" },
      { rule: "every Thursday" },
      { rule: "every Tuesday" },
      { rule: "every other Tuesday" },
      { duration_minutes: 90 },
    ),
  }),
  fc.record({
    kind: fc.constant("visit" as const),
    action: fc.constantFrom("ticket.cancel" as const, "ticket.reschedule" as const, "ticket.start" as const),
    nth,
    days: fc.integer({ min: 1, max: 4 }),
    whose: fc.constantFrom("plan" as const, "other" as const),
    refill: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("other" as const), nth }),
  fc.record({ kind: fc.constant("off" as const), nth, days: fc.integer({ min: 1, max: 20 }) }),
  fc.record({ kind: fc.constant("undo" as const), nth }),
);

/** One plan, visits beside it, and what happens to them. */
class Run {
  now = MONDAY_9;
  readonly jobs: { id: string; action: string }[] = [];
  /** Somebody took the cancellation of a single visit back, which a skip or a pause since does not prevent. */
  revived = false;
  /** Customers of the visits beside the plan. */
  readonly others: string[] = [];
  /** Visits that somebody moved, with the time to which they did. */
  readonly moved = new Map<string, number>();
  readonly pipeline: Pipeline;

  constructor(readonly plan: string) {
    this.pipeline = makePipeline(test.db, testRegistry, { now: () => this.now });
  }

  async fill(): Promise<void> {
    await fillPlans.run({ db: test.db, registry: testRegistry, clock: { now: () => this.now } });
  }

  visits = (): Promise<Ticket[]> =>
    test.db.getRepository(Ticket).find({ where: { plan_id: this.plan }, order: { id: "ASC" } });

  async ask(action: string, data: object, refill = false): Promise<boolean> {
    const done = await this.pipeline.ask(owner, action, data);
    if (done.status === "completed") this.jobs.push({ id: done.id, action });
    else expect(["conflict", "invalid_state", "validation_failed"]).toContain(done.error?.code);
    if (done.status === "completed" && refill) await this.fillReleased(done.id);
    return done.status === "completed";
  }

  /** Books somebody else at a time that a job has released: it must be free. */
  private async fillReleased(job: string): Promise<void> {
    const [free] = await rows<Pick<Ticket, "technician_id" | "window_start" | "duration_minutes">>(
      test.db.manager,
      `SELECT t.technician_id, t.window_start, t.duration_minutes FROM change c JOIN ticket t ON t.id = c.record_id
       JOIN technician ON technician.id = t.technician_id
       WHERE c.job_id = $1 AND t.status = 'cancelled' AND t.window_start > $2 AND NOT EXISTS (
         SELECT FROM jsonb_array_elements(time_off) off
         WHERE (t.window_start AT TIME ZONE 'America/Chicago')::date BETWEEN (off->>'from')::date AND (off->>'to')::date)
         AND NOT EXISTS (SELECT FROM ticket b WHERE b.rescheduled_from_id = t.id AND b.during && t.during)
       LIMIT 1`,
      [job, this.now],
    );
    if (!free?.window_start) return;
    const { technician_id, window_start, duration_minutes } = free;
    const booked = await this.bookAt(window_start, { technician_id, duration_minutes });
    expect(booked).toBe(true);
  }

  private async bookAt(start: Date, wanted: object = {}): Promise<boolean> {
    const { id } = await aContact(test.db);
    this.others.push(id);
    return this.ask("ticket.create", { customer_id: id, window_start: start.toISOString(), ...wanted });
  }

  async take(step: Step): Promise<void> {
    if (step.kind === "wait") this.now = new Date(this.now.getTime() + step.days * DAY_MS);
    if (step.kind === "ask") await this.ask(step.action, { id: this.plan }, step.refill);
    if (step.kind === "update") await this.ask("plan.update", { id: this.plan, ...step.data });
    if (step.kind === "undo") await this.undo(step.nth);
    if (step.kind === "other") await this.bookAnother(step.nth);
    if (step.kind === "visit") await this.changeVisit(step);
    if (step.kind === "off") {
      const from = this.day(step.days).toISOString().slice(0, 10);
      await this.ask("technician.time_off", { id: technicians[step.nth % 2], from });
    }
  }

  private async undo(nth: number): Promise<void> {
    const job = this.jobs.at(-1 - nth);
    if (!job || !(await this.ask("job.undo", { job_id: job.id }))) return;
    this.moved.clear();
    this.revived ||= job.action.startsWith("ticket.") || job.action === "job.undo";
  }

  /** Takes a time at which the plan wants to go. */
  private async bookAnother(nth: number): Promise<void> {
    const start = this.day(nth + 1);
    start.setUTCHours(15, 0, 0, 0);
    await this.bookAt(start);
  }

  private day = (days: number): Date => new Date(this.now.getTime() + days * DAY_MS);

  private async changeVisit({ action, nth, days, whose, refill }: Step & { kind: "visit" }): Promise<void> {
    const others = { where: { customer_id: In(this.others) }, order: { id: "ASC" } } as const;
    const visits = await (whose === "plan" ? this.visits() : test.db.getRepository(Ticket).find(others));
    const open = visits.filter(({ status }) => status === "scheduled");
    const visit = open[nth % Math.max(open.length, 1)];
    if (!visit?.window_start) return;
    const start = new Date(visit.window_start.getTime() + days * DAY_MS + 3_600_000);
    const data = action === "ticket.reschedule" ? { window_start: start.toISOString() } : {};
    if (!(await this.ask(action, { id: visit.id, ...data }, refill)) || action !== "ticket.reschedule")
      return;
    const [successor] = await rows<{ id: string }>(
      test.db.manager,
      "SELECT id FROM ticket WHERE rescheduled_from_id = $1",
      [visit.id],
    );
    if (successor) this.moved.set(successor.id, start.getTime());
  }

  /** What holds after every step. */
  async check(): Promise<void> {
    expect(await overlaps()).toEqual([]);
    expect(await lostVisits()).toEqual([]);
    const plan = await test.db.getRepository(Plan).findOneByOrFail({ id: this.plan });
    const settings = await test.db.getRepository(Settings).findOneByOrFail({ id: "settings" });
    const visits = await this.visits();
    const dates = visits.flatMap(({ plan_date }) => plan_date ?? []);
    expect(dates).toEqual([...new Set(dates)]);
    for (const { id, status, window_start } of visits) {
      const time = this.moved.get(id);
      if (time !== undefined && status === "scheduled") expect(window_start?.getTime()).toBe(time);
    }
    if (plan.state !== "active" && !this.revived)
      expect(
        visits.filter(
          ({ plan_date, status, window_start }) =>
            plan_date !== null && status === "scheduled" && Number(window_start) > this.now.getTime(),
        ),
      ).toEqual([]);
    await this.fill();
    const active = await test.db.getRepository(Plan).findOneByOrFail({ id: this.plan });
    if (active.state === "active")
      expect(await missingDates(test.db.manager, active, { now: this.now, settings })).toEqual([]);
    for (const date of this.revived ? [] : active.exceptions)
      expect(visits.filter(({ plan_date, status }) => plan_date === date && status === "scheduled")).toEqual(
        [],
      );
  }
}

const overlaps = () =>
  rows(
    test.db.manager,
    `SELECT a.id, b.id FROM ticket a JOIN ticket b ON a.id < b.id AND a.technician_id = b.technician_id
       AND a.window_start < b.window_end AND b.window_start < a.window_end
     WHERE a.status IN ('scheduled', 'in_progress') AND b.status IN ('scheduled', 'in_progress')`,
  );

/** Visits that nobody asked to cancel and that are gone, or cancelled without one in their place. */
const lostVisits = () =>
  rows(
    test.db.manager,
    `SELECT c.record_id, job.action FROM change c JOIN job ON job.id = c.job_id
     WHERE c.table_name = 'ticket' AND (c.after IS NULL OR c.after->>'status' = 'cancelled')
       AND c.before->>'status' IN ('scheduled', 'unscheduled')
       AND job.action NOT IN ('ticket.cancel', 'plan.skip', 'plan.pause', 'plan.end', 'plan.update', 'job.undo')
       AND NOT (job.action = 'ticket.reschedule' AND EXISTS (SELECT FROM change s WHERE s.job_id = c.job_id
         AND s.before IS NULL AND s.after->>'rescheduled_from_id' = c.record_id))`,
  );

it("nobody is booked twice, no visit is lost, cancelled ones release their time, each date of a plan is there once, moved visits stay, and none of a skipped date or a paused plan comes back, whatever happens", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 12 }), async (steps) => {
      const run = new Run((await makePlan(test.db)).id);
      for (const each of steps) {
        await run.take(each);
        await run.check();
      }
      await run.ask("plan.end", { id: run.plan });
      for (const id of technicians) await run.ask("technician.update", { id, time_off: [] });
    }),
    { numRuns: rounds(4, 20) },
  );
}, 300_000);
