import { actionKey } from "../../src/domain/core/action.ts";
import { deleteContact } from "../../src/domain/contact/delete.ts";
import { inWords } from "../../src/domain/core/time.ts";
import { makeRegistry } from "../../src/domain/core/registry.ts";
import { domains } from "../../src/domain/index.ts";
import { demoJobs } from "../../src/demo/customers.ts";
import { rows } from "../../src/database/sql.ts";
import { act, contextOf } from "../support/act.ts";
import { testDatabase, type TestDatabase } from "../support/database.ts";
import { aTechnician, theSettings, withJob } from "../support/factories.ts";

const ZONE = "America/Chicago";
const keys = (today: string) => demoJobs(today, ZONE).map(({ key }) => key);

describe("demoJobs", () => {
  it("returns unique keys that do not depend on the day", () => {
    expect(new Set(keys("2026-11-23")).size).toBe(keys("2026-11-23").length);
    expect(keys("2026-11-23")).toEqual(keys("2027-03-14"));
  });

  it("dates every job before today", () => {
    const latest = Math.max(...demoJobs("2026-11-23", ZONE).map(({ at }) => at.getTime()));
    expect(latest).toBeLessThan(Date.parse("2026-11-23T00:00:00-06:00"));
  });
});

// On the second day, daylight time begins.
describe.each(["2026-11-23", "2026-03-08"])("the demo business, loaded on %s", (today) => {
  let test: TestDatabase;
  const done = new Map<string, unknown>();

  beforeAll(async () => {
    test = await testDatabase();
    await theSettings(test.db);
    await aTechnician(test.db);
    const registry = makeRegistry(domains);
    for (const { key, action, data, at } of demoJobs(today, ZONE)) {
      const [domain = "", name = ""] = action.split(".");
      done.set(key, await act(test.db, registry.action(actionKey({ domain, name })), data(done), at));
    }
  });
  afterAll(() => test.drop());

  it("has the Johnsons, whose deletion requires approval", async () => {
    const { id } = done.get("johnson") as { id: string };
    const verdict = await withJob(test.db, async (db) => deleteContact.escalate?.(contextOf(db), { id }));
    expect(verdict).toMatchObject({
      reason: "Customer has 15 tickets worth $4,500",
      facts: { tickets: 15, completed_tickets: 15 },
    });
  });

  it("has the guide's four appointments today", async () => {
    const visits = await rows<{ name: string; window_start: Date; duration_minutes: number }>(
      test.db.manager,
      `SELECT name, window_start, duration_minutes FROM ticket JOIN contact ON contact.id = customer_id
       WHERE ticket.status = 'scheduled' ORDER BY window_start`,
    );
    const said = visits.map(({ name, window_start, duration_minutes }) => {
      const time = inWords(window_start, ZONE).split(" at ")[1];
      return `${time}: ${name} (${duration_minutes / 60} hrs)`;
    });
    expect(said).toEqual([
      "9:00 AM: Wilson (3 hrs)",
      "1:00 PM: Smith Dental (2 hrs)",
      "3:30 PM: Maria Garcia (1 hrs)",
      "5:00 PM: Park Place HOA (2 hrs)",
    ]);
  });
});
