import { findCustomers } from "../../src/domain/contact/find.ts";
import { makeRegistry } from "../../src/domain/core/registry.ts";
import { domains } from "../../src/domain/index.ts";
import { loadDemo } from "../../src/demo/load.ts";
import { rows } from "../../src/database/sql.ts";
import { WebhookEndpoint } from "../../src/entities/webhook-endpoint.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { aTechnician, theSettings } from "../support/factories.ts";

const ZONE = "America/Chicago";
const TODAY = "2026-11-23";
const NOON = new Date("2026-11-23T18:00:00Z");

describe("loadDemo with two weeks of visits", () => {
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

  it("creates visits of every outcome, and leaves no past visit scheduled", async () => {
    const found = await rows<{ status: string }>(test.db.manager, "SELECT DISTINCT status FROM ticket");
    const states = found.map(({ status }) => status);
    expect(states).toEqual(expect.arrayContaining(["completed", "cancelled", "no_show", "scheduled"]));
    expect(
      await one(
        "SELECT count(*) AS late FROM ticket WHERE status = 'scheduled' AND window_start < '2026-11-23T06:00Z'",
      ),
    ).toEqual({ late: 0 });
  });

  it("books the generated technicians within working hours", async () => {
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

  it("creates the guide's Johnsons, four appointments today and two new leads, and no others", async () => {
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

  it("creates no deliveries: messages stay unsent and no webhook is called", async () => {
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

  it("dates messages before today and after the record they are about", async () => {
    const odd = await rows(
      test.db.manager,
      `SELECT m.body FROM message m LEFT JOIN ticket t ON t.id = m.about_id LEFT JOIN lead l ON l.id = m.about_id
       WHERE m.created_at >= '${TODAY}T00:00-06:00' OR m.created_at < coalesce(t.created_at, l.created_at)`,
    );
    expect(odd).toEqual([]);
    expect(await one("SELECT min(created_at) < '2026-11-12' AS early FROM message")).toEqual({ early: true });
  });

  it("books plans and confirmed appointments ahead, with half an hour of travel", async () => {
    expect(
      await one(`SELECT count(*) > 1 AS plans, (SELECT count(*) > 2 FROM ticket WHERE plan_id IS NOT NULL) AS visits,
        (SELECT count(*) > 0 FROM message WHERE template = 'appointment_confirmation') AS confirmed,
        (SELECT travel_buffer_minutes FROM settings) AS travel FROM plan`),
    ).toEqual({ plans: true, visits: true, confirmed: true, travel: 30 });
  });

  it("ranks the customers of the guide's searches first", async () => {
    for (const [query, name] of [
      ["elderly woman in Madison", "Martha Olsen"],
      ["marta 456 oak", "Martha Olsen"],
      ["Jonson", "Johnson Family"],
    ] as const) {
      const { candidates } = await findCustomers(test.db, { query, include_history: false }, NOON);
      expect(candidates[0]).toMatchObject({ name });
    }
  });

  it("creates leads in every state", async () => {
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

  it("adds nothing when loaded again on a later day", async () => {
    const count = () =>
      one("SELECT (SELECT count(*) FROM job) AS jobs, (SELECT count(*) FROM change) AS changes");
    const before = await count();
    expect(await loadDemo(test.db, registry, { now: new Date("2027-02-01T18:00:00Z"), weeks: 2 })).toEqual(
      first,
    );
    expect(await count()).toEqual(before);
  });
});
