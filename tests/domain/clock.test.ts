import { rows } from "../../src/database/sql.ts";
import { testDatabase } from "../support/database.ts";

const DAY_MS = 86_400_000;

it("sets the tests' clock, but not the database's, ahead by TEST_DAYS_AHEAD days", async () => {
  const ahead = Number(process.env["TEST_DAYS_AHEAD"] ?? 0);
  const { db, drop } = await testDatabase();
  const [{ now } = { now: new Date(0) }] = await rows<{ now: Date }>(db.manager, "SELECT now() AS now");
  expect(Math.round((Date.now() - now.getTime()) / DAY_MS)).toBe(ahead);
  expect(new Date().getTime() - Date.now()).toBeLessThan(1_000);
  expect(new Date()).toBeInstanceOf(Date);
  expect(new Date().constructor).toBe(Date);
  expect(new Date(0).toISOString()).toBe("1970-01-01T00:00:00.000Z");
  await drop();
});
