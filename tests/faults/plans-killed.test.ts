import { rows } from "../../src/database/sql.ts";
import { Ticket } from "../../src/entities/ticket.ts";
import { newId } from "../../src/domain/core/ids.ts";
import { fillPlans } from "../../src/workers/plans.ts";
import { waitingForLocks } from "../support/act.ts";
import { startApp, type TestApp } from "../support/app.ts";
import { eachBackend } from "../support/backends.ts";
import { aContact, aPlan, aTechnician, withJob } from "../support/factories.ts";
import { testRegistry } from "../support/probe-actions.ts";

const DAY_MS = 24 * 3_600_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

eachBackend("a worker that is killed while it fills a plan's horizon", (backend) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp(backend, { services: ["api,mcp"] });
    await aTechnician(app.db);
  });
  afterAll(() => app.stop());

  const dates = async (plan: string) =>
    (
      await rows<{ plan_date: string }>(
        app.db.manager,
        "SELECT plan_date FROM ticket WHERE plan_id = $1 ORDER BY plan_date",
        [plan],
      )
    ).map(({ plan_date }) => plan_date);

  it("leaves nothing behind, and the next run makes each date once", async () => {
    const everyDay = { rule: "FREQ=DAILY", repeats: "every day at 9:00 AM", local_time: "09:00" };
    const plan = await aPlan(app.db, { ...everyDay, first_day: inDays(2), ends_on: inDays(12) });
    const { id: customer_id } = await aContact(app.db);
    // A visit for a date in the middle holds the fill up until it is gone again.
    const held = new Error("rolled back");
    const blocking = withJob(app.db, async (db) => {
      await db.query("SET LOCAL idle_in_transaction_session_timeout = 0"); // A worker starts within seconds.
      const visit = { customer_id, plan_id: plan.id, plan_date: inDays(7) };
      await db.insert(Ticket, db.create(Ticket, { ...visit, id: newId("ticket") }));
      const worker = await app.spawn("worker");
      await waitingForLocks(app.db, 1);
      await worker.end("SIGKILL");
      throw held;
    });
    await expect(blocking).rejects.toBe(held);
    expect(await dates(plan.id)).toEqual([]);

    await fillPlans.run({ db: app.db, registry: testRegistry, clock: { now: () => new Date() } });
    expect(await dates(plan.id)).toEqual(Array.from({ length: 11 }, (_, day) => inDays(day + 2)));
  }, 180_000);
});
