import { connect } from "../../src/database/data-source.ts";
import { type Attempted, clearAttempts, giveBackAttempt, spendAttempt } from "../../src/identity/attempts.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.drop());

const LIMIT = { most: 3, seconds: 900, name: "3 tries in 15 minutes per test" };
const attempt = (by: string): Attempted => ({ limit: LIMIT, by });
/** How many of `count` attempts were counted. */
async function spend(attempted: Attempted, count: number, dbs = [test.db]): Promise<number> {
  const tries = Array.from({ length: count }, (_, n) =>
    spendAttempt(dbs[n % dbs.length] ?? test.db, attempted),
  );
  return (await Promise.allSettled(tries)).filter(({ status }) => status === "fulfilled").length;
}

describe("a limit of password attempts", () => {
  it("is shared by all processes, also for attempts at the same time", async () => {
    const other = await connect(test.url);
    try {
      expect(await spend(attempt("olive"), 12, [test.db, other])).toBe(3);
    } finally {
      await other.destroy();
    }
  });

  it("names itself and the time to wait", async () => {
    await spend(attempt("named"), 3);
    const refused = await spendAttempt(test.db, attempt("named")).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: "rate_limited",
      message: "Too many: the limit is 3 tries in 15 minutes per test.",
      body: { limit: LIMIT.name, retryable: true },
    });
    const { body } = refused as { body: { retry_after_seconds: number } };
    expect(body.retry_after_seconds).toBeGreaterThan(800);
    expect(body.retry_after_seconds).toBeLessThanOrEqual(900);
  });

  it("ends by the database's clock, and refused attempts do not prolong it", async () => {
    expect(await spend(attempt("waits"), 5)).toBe(3);
    await test.db.query("UPDATE attempt_count SET ends_at = clock_timestamp()");
    expect(await spend(attempt("waits"), 5)).toBe(3);
  });

  it("gets an attempt back, or starts again", async () => {
    await spend(attempt("right"), 3);
    await giveBackAttempt(test.db, attempt("right"));
    expect(await spend(attempt("right"), 2)).toBe(1);
    await clearAttempts(test.db, attempt("right"));
    expect(await spend(attempt("right"), 4)).toBe(3);
    expect(await spend(attempt("other"), 4)).toBe(3);
  });

  it("keeps no e-mail and no address in the table", async () => {
    await spend(attempt("secret@example.com 203.0.113.9"), 1);
    expect(JSON.stringify(await test.db.query("SELECT * FROM attempt_count"))).not.toMatch(/secret|203/);
  });
});
