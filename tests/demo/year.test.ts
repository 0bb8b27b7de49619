import { findCustomers } from "../../src/domain/contact/find.ts";
import { inWords } from "../../src/domain/core/time.ts";
import { makeRegistry } from "../../src/domain/core/registry.ts";
import { domains } from "../../src/domain/index.ts";
import { demoJobs } from "../../src/demo/customers.ts";
import { loadDemo } from "../../src/demo/load.ts";
import { CUSTOMERS, yearJobs } from "../../src/demo/year.ts";
import { rows } from "../../src/entities/database.ts";
import { WebhookEndpoint } from "../../src/entities/webhook.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { aTechnician, theSettings } from "../support/factories.ts";

const ZONE = "America/Chicago";
const TODAY = "2026-11-23";
const NOON = new Date("2026-11-23T18:00:00Z");

/** Jobs as they would be sent, with the keys of earlier jobs in place of the ids they made. */
const toldAnew = (today: string) => {
  const ids = Object.assign(new Map<string, unknown>(), { get: (key: string) => ({ id: `<${key}>` }) });
  return yearJobs(today, ZONE).map(({ key, action, at, data }) => ({ key, action, at, data: data(ids) }));
};

const known = new Map<string, ReturnType<typeof toldAnew>>();
const told = (today: string) => {
  const jobs = known.get(today) ?? toldAnew(today);
  known.set(today, jobs);
  return jobs;
};

describe("the year's jobs", () => {
  it("are the same every time, and have the same keys whatever day it is", () => {
    expect(toldAnew(TODAY)).toEqual(told(TODAY));
    const keys = (today: string) =>
      told(today)
        .map(({ key }) => key)
        .sort();
    expect(keys("2027-03-14")).toEqual(keys(TODAY));
    const all = [...demoJobs(TODAY, ZONE), ...told(TODAY)].map(({ key }) => key);
    expect(new Set(all).size).toBe(all.length);
  });

  it("happen in order, before today, and leave today to the guide", () => {
    const times = told(TODAY).map(({ at }) => at.getTime());
    expect(times).toEqual([...times].sort((one, other) => one - other));
    expect(times.at(-1)).toBeLessThan(Date.parse("2026-11-23T00:00:00-06:00"));
    const starts = told(TODAY).flatMap(({ data }) => Object(data).window_start ?? []) as string[];
    expect(starts.filter((at) => at >= "2026-11-23T06:00" && at < "2026-11-24T06:00")).toEqual([]);
  });

  it("fill a year: some two hundred customers, a thousand visits past, some of them called off, weeks ahead booked", () => {
    const jobs = told(TODAY);
    const count = (action: string) => jobs.filter((job) => job.action === action).length;
    expect(jobs.filter(({ key }) => /^customer-\d+$/.test(key))).toHaveLength(CUSTOMERS);
    expect(count("technician.create")).toBe(3);
    expect(count("ticket.complete")).toBeGreaterThan(1_000);
    expect(count("ticket.cancel")).toBeGreaterThan(30);
    expect(count("ticket.no_show")).toBeGreaterThan(10);
    expect(jobs.length).toBeLessThan(6_000);
  });

  it("name nobody twice, under numbers and addresses that are kept for examples", () => {
    const contacts = told(TODAY)
      .filter(({ action }) => action === "contact.create" || action === "lead.create")
      .map(({ data }) => data as { customer_id?: string; phones?: { number: string }[]; emails?: string[] })
      .filter(({ customer_id }) => !customer_id); // Who is a customer already stands there under the same number.
    const phones = contacts.flatMap(({ phones = [] }) => phones.map(({ number }) => number));
    expect(new Set(phones).size).toBe(phones.length);
    expect(phones.filter((number) => !/^\(\d{3}\) 555-01\d\d$/.test(number))).toEqual([]);
    const emails = contacts.flatMap(({ emails = [] }) => emails);
    expect(new Set(emails).size).toBe(emails.length);
    expect(emails.filter((email) => !email.endsWith("@example.com"))).toEqual([]);
  });
});

describe("what the year's customers are written and write", () => {
  interface Said {
    key: string;
    at: Date;
    to: string;
    channel?: string;
    text: string;
  }
  const said = (today: string): Said[] =>
    told(today)
      .filter(({ action }) => action.startsWith("message."))
      .map(({ key, at, data }) => {
        const { customer_id: to, channel, body, values } = data as Record<string, string>; // As message.send takes it.
        return { key, at, to: String(to), ...(channel && { channel }), text: body ?? JSON.stringify(values) };
      });

  it("is some of it each month, and never the same twice in a row", () => {
    for (const today of [TODAY, "2027-03-14"]) {
      const messages = said(today);
      const months = new Map<string, number>();
      for (const { at } of messages) {
        const month = at.toISOString().slice(0, 7);
        months.set(month, (months.get(month) ?? 0) + 1);
      }
      const whole = [...months.values()].slice(1, -1);
      expect(Math.min(...whole)).toBeGreaterThan(15);
      expect(Math.max(...whole)).toBeLessThan(100);
      expect(messages.filter(({ text }, at) => text === messages[at - 1]?.text)).toEqual([]);
      expect(messages.filter(({ text }) => /[{}]\w|undefined|\u202f/.test(text.replace(/^\{"/, "")))).toEqual(
        [],
      );
    }
  });

  it("goes to nobody who wants to be left alone, and to the Johnsons neither", () => {
    const alone = told(TODAY).filter(({ data }) => (data as { do_not_contact?: boolean }).do_not_contact);
    expect(alone.length).toBeGreaterThan(1);
    const silent = ["<johnson>", ...alone.map(({ key }) => `<${key}>`)];
    expect(said(TODAY).filter(({ to }) => silent.includes(to))).toEqual([]);
  });

  it("tells the business's own time of each visit", () => {
    const starts = new Map(
      told(TODAY).map(({ key, data }) => [key, (data as { window_start?: string }).window_start]),
    );
    const confirmed = told(TODAY).flatMap(({ key, data }) => {
      const { template, about_id, values } = data as Record<string, string> & {
        values: Record<string, string>;
      };
      const start = starts.get(String(about_id).slice(1, -1));
      return template && start ? [{ key, said: `${values["day"]} at ${values["time"]}`, start }] : [];
    });
    expect(confirmed.length).toBeGreaterThan(100);
    for (const { said, start } of confirmed)
      expect(said).toBe(inWords(new Date(start), ZONE).replace(/, \d{4}/, ""));
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
    await test.db.getRepository(WebhookEndpoint).save({
      id: "webhook",
      url: "https://example.com/hook",
      secret: "whsec_".padEnd(46, "A"),
    });
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

  it("sends nothing outside: messages stay in the outbox, and the owner's webhook is not told", async () => {
    const found = await rows(
      test.db.manager,
      "SELECT direction, status, count(*) > 20 AS many FROM message GROUP BY 1, 2 ORDER BY 1",
    );
    expect(found).toEqual([
      { direction: "inbound", status: "received", many: true },
      { direction: "outbound", status: "not_sent", many: true },
    ]);
    expect(await rows(test.db.manager, "SELECT id FROM delivery")).toEqual([]);
  });

  it("dates its messages as they were written: before today, in the order of what they are about", async () => {
    const odd = await rows(
      test.db.manager,
      `SELECT m.body FROM message m LEFT JOIN ticket t ON t.id = m.about_id LEFT JOIN lead l ON l.id = m.about_id
       WHERE m.created_at >= '${TODAY}T00:00-06:00' OR m.created_at < coalesce(t.created_at, l.created_at)`,
    );
    expect(odd).toEqual([]);
    expect(await one("SELECT min(created_at) < '2026-11-12' AS early FROM message")).toEqual({ early: true });
  });

  it("keeps whom the guide's owner means first among all its customers", async () => {
    for (const [query, name] of [
      ["elderly woman in Madison", "Martha Olsen"],
      ["marta 456 oak", "Martha Olsen"],
      ["Jonson", "Johnson Family"],
    ] as const) {
      const { candidates } = await findCustomers(test.db, { query, include_history: false }, NOON);
      expect(candidates[0]).toMatchObject({ name });
    }
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
