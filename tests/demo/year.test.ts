import { makeRegistry } from "../../src/domain/core/registry.ts";
import { domains } from "../../src/domain/index.ts";
import { demoJobs } from "../../src/demo/customers.ts";
import { loadDemo } from "../../src/demo/load.ts";
import { CUSTOMERS, yearJobs } from "../../src/demo/year.ts";
import { rows } from "../../src/entities/database.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { aTechnician, theSettings } from "../support/factories.ts";

const ZONE = "America/Chicago";
const TODAY = "2026-11-23";
const NOON = new Date("2026-11-23T18:00:00Z");

/** A job as it would be sent, with the keys of earlier jobs in place of the ids they made. */
const told = (today: string) => {
  const ids = Object.assign(new Map<string, unknown>(), { get: (key: string) => ({ id: `<${key}>` }) });
  return yearJobs(today, ZONE).map(({ key, action, at, data }) => ({ key, action, at, data: data(ids) }));
};

describe("the year's jobs", () => {
  it("are the same every time, and have the same keys whatever day it is", () => {
    expect(told(TODAY)).toEqual(told(TODAY));
    const keys = (today: string) =>
      yearJobs(today, ZONE)
        .map(({ key }) => key)
        .sort();
    expect(keys("2027-03-14")).toEqual(keys(TODAY));
    const all = [...demoJobs(TODAY, ZONE), ...yearJobs(TODAY, ZONE)].map(({ key }) => key);
    expect(new Set(all).size).toBe(all.length);
  });

  it("happen in order, before today, and leave today to the guide", () => {
    const times = yearJobs(TODAY, ZONE).map(({ at }) => at.getTime());
    expect(times).toEqual([...times].sort((one, other) => one - other));
    expect(times.at(-1)).toBeLessThan(Date.parse("2026-11-23T00:00:00-06:00"));
    const starts = told(TODAY).flatMap(({ data }) => Object(data).window_start ?? []) as string[];
    expect(starts.filter((at) => at >= "2026-11-23T06:00" && at < "2026-11-24T06:00")).toEqual([]);
  });

  it("fill a year: some two hundred customers, a thousand visits past, some of them called off, weeks ahead booked", () => {
    const jobs = yearJobs(TODAY, ZONE);
    const count = (action: string) => jobs.filter((job) => job.action === action).length;
    expect(count("contact.create")).toBe(CUSTOMERS);
    expect(count("technician.create")).toBe(3);
    expect(count("ticket.complete")).toBeGreaterThan(1_000);
    expect(count("ticket.cancel")).toBeGreaterThan(30);
    expect(count("ticket.no_show")).toBeGreaterThan(10);
    expect(jobs.length).toBeLessThan(6_000);
  });

  it("name nobody twice, under numbers and addresses that are kept for examples", () => {
    const contacts = told(TODAY)
      .filter(({ action }) => action === "contact.create" || action === "lead.create")
      .map(({ data }) => data as { name: string; phones?: { number: string }[]; emails?: string[] });
    const phones = contacts.flatMap(({ phones = [] }) => phones.map(({ number }) => number));
    expect(new Set(phones).size).toBe(phones.length);
    expect(phones.filter((number) => !/^\(\d{3}\) 555-01\d\d$/.test(number))).toEqual([]);
    const emails = contacts.flatMap(({ emails = [] }) => emails);
    expect(new Set(emails).size).toBe(emails.length);
    expect(emails.filter((email) => !email.endsWith("@example.com"))).toEqual([]);
  });
});

describe("the demo business with its last weeks, loaded", () => {
  const registry = makeRegistry(domains);
  let test: TestDatabase;
  let first: { jobs: number; customers: number };
  const one = async <Row>(sql: string) => (await rows<Row>(test.db.manager, sql))[0];

  beforeAll(async () => {
    test = await testDatabase();
    await theSettings(test.db);
    await aTechnician(test.db);
    first = await loadDemo(test.db, registry, { now: NOON, weeks: 2 });
  });
  afterAll(() => test.drop());

  it("has past visits in every end, and coming ones that are booked", async () => {
    const found = await rows<{ status: string }>(test.db.manager, "SELECT DISTINCT status FROM ticket");
    const states = found.map(({ status }) => status);
    expect(states).toEqual(expect.arrayContaining(["completed", "cancelled", "no_show", "scheduled"]));
    expect(
      await one(
        "SELECT count(*) AS late FROM ticket WHERE status = 'scheduled' AND window_start < '2026-11-23T06:00Z'",
      ),
    ).toEqual({ late: 0 });
  });

  it("books every technician within working hours", async () => {
    const outside = await rows(
      test.db.manager,
      `SELECT name, window_start FROM ticket JOIN technician ON technician.id = technician_id
       CROSS JOIN LATERAL (SELECT window_start AT TIME ZONE '${ZONE}' AS begins, window_end AT TIME ZONE '${ZONE}' AS ends) local
       CROSS JOIN LATERAL (SELECT working_hours -> trim(lower(to_char(begins, 'day'))) AS hours) of_day
       WHERE name <> 'Dana Reed' AND (jsonb_typeof(hours) = 'null'
         OR begins::time < (hours->>0)::time OR ends::time > (hours->>1)::time OR begins::date <> ends::date)`,
    );
    expect(outside).toEqual([]);
  });

  it("has the guide's Johnsons, four appointments today and two new leads, and nothing beside them", async () => {
    expect(
      await one(`SELECT count(DISTINCT t.id) AS tickets, sum(total_cents) AS cents FROM ticket t JOIN line_item ON ticket_id = t.id
        JOIN contact c ON c.id = customer_id WHERE name = 'Johnson Family' AND status = 'completed'`),
    ).toEqual({ tickets: 15, cents: 450_000 });
    const today = await rows<{ name: string }>(
      test.db.manager,
      `SELECT name FROM ticket JOIN contact ON contact.id = customer_id
       WHERE (window_start AT TIME ZONE '${ZONE}')::date = '${TODAY}' ORDER BY window_start`,
    );
    expect(today.map(({ name }) => name)).toEqual([
      "Wilson",
      "Smith Dental",
      "Maria Garcia",
      "Park Place HOA",
    ]);
    const leads = await rows(
      test.db.manager,
      "SELECT name, urgency FROM lead WHERE status = 'new' ORDER BY name",
    );
    expect(leads).toEqual([
      { name: "Mary Thompson", urgency: "high" },
      { name: "Riverside Apartments", urgency: "medium" },
    ]);
  });

  it("has leads in every state", async () => {
    const found = await rows<{ status: string }>(
      test.db.manager,
      "SELECT DISTINCT status FROM lead ORDER BY status",
    );
    expect(found.map(({ status }) => status)).toEqual([
      "archived",
      "contacted",
      "converted",
      "lost",
      "new",
      "qualified",
    ]);
  });

  it("adds nothing the second time, on whatever day that is", async () => {
    const count = () =>
      one("SELECT (SELECT count(*) FROM job) AS jobs, (SELECT count(*) FROM change) AS changes");
    const before = await count();
    expect(await loadDemo(test.db, registry, { now: new Date("2027-02-01T18:00:00Z"), weeks: 2 })).toEqual(
      first,
    );
    expect(await count()).toEqual(before);
  });
});
