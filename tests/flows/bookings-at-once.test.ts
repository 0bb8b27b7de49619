import { rows } from "../../src/database/sql.ts";
import type { JobView } from "../../src/domain/engine/jobs.ts";
import { startApp, type TestApp } from "../support/app.ts";
import { anyBackend } from "../support/backends.ts";
import { aContact, aTechnician } from "../support/factories.ts";

const MONDAY_6 = new Date("2026-11-23T12:00:00Z");
const CALLERS = 50;

anyBackend("Fifty bookings at once", (backend) => {
  let app: TestApp;
  let technician_id: string;
  let customers: string[];
  beforeAll(async () => {
    app = await startApp(backend, { clock: MONDAY_6 });
    const [technician] = await rows<{ id: string }>(app.db.manager, "SELECT id FROM technician");
    technician_id = technician?.id ?? "";
    customers = [];
    for (let nth = 0; nth < CALLERS; nth++)
      customers.push((await aContact(app.db, { name: `Customer ${nth}` })).id);
  });
  afterAll(() => app.stop());

  const all = (submit: (customer: string) => Promise<JobView>) => Promise.all(customers.map(submit));
  const overlaps = () =>
    rows(
      app.db.manager,
      `SELECT one.id FROM ticket one JOIN ticket other ON one.technician_id = other.technician_id
       WHERE one.id < other.id AND one.status = 'scheduled' AND other.status = 'scheduled'
         AND tstzrange(one.window_start, one.window_end) && tstzrange(other.window_start, other.window_end)`,
    );
  const deadlocks = async () => {
    const sql = "SELECT deadlocks::int AS count FROM pg_stat_database WHERE datname = current_database()";
    return (await rows<{ count: number }>(app.db.manager, sql))[0]?.count;
  };

  it("for one technician's time: one wins, 49 get other times, which can be booked", async () => {
    const jobs = await all((customer_id) =>
      app.act("ticket", "create", { customer_id, technician_id, window_start: "2026-11-24T10:00" }),
    );
    const refused = jobs.filter(({ status }) => status === "failed");
    expect(jobs.filter(({ status }) => status === "completed")).toHaveLength(1);
    expect(refused).toHaveLength(CALLERS - 1);
    for (const { error } of refused)
      expect(error).toMatchObject({ code: "conflict", alternatives: [{}, {}, {}] });
    expect(await overlaps()).toEqual([]);
    const [first] = (refused[0]?.error?.["alternatives"] ?? []) as { window_start: string }[];
    const again = { customer_id: customers[0], technician_id, window_start: first?.window_start };
    expect(await app.act("ticket", "create", again)).toMatchObject({ status: "completed" });
  });

  it("for one morning and three technicians: as many as fit win, without a deadlock", async () => {
    for (const name of ["Ana", "Bo"]) await aTechnician(app.db, { name });
    const jobs = await all((customer_identifier) =>
      app.act("workflow", "schedule_appointment", {
        customer_identifier,
        ...{ requested_date: "2026-11-25", requested_time: "8:00-12:00", send_confirmation: false },
      }),
    );
    const won = jobs.filter(({ status }) => status === "completed");
    // A start every half hour from 8:00 on, an hour each: 8, 9, 10, 11 and 12, for each of three.
    expect(won.length).toBeGreaterThanOrEqual(12);
    for (const { status, error } of jobs)
      if (status !== "completed") expect(error).toMatchObject({ code: "conflict" });
    expect(await overlaps()).toEqual([]);
    expect(await deadlocks()).toBe(0);
  });
});
