import type { EntityManager } from "typeorm";
import { makeReads } from "../../src/crm/reads.ts";
import { rows } from "../../src/database/sql.ts";
import { anyBackend } from "../support/backends.ts";
import { aCrm, type TestCrm } from "../support/crm.ts";
import { testDatabase, type TestDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { asOwner } from "../support/flush-queue.ts";
import { agent, otherAgent, owner } from "../support/pipeline.ts";

let test: TestDatabase;
beforeAll(async () => void (test = await testDatabase()));
afterAll(() => test.drop());

const LONG_S = 600;
const sleep = (db: EntityManager) => rows(db, `SELECT pg_sleep(${LONG_S})`);
const answer = (db: EntityManager) => rows<{ answer: number }>(db, "SELECT 42 AS answer");

/** Number of statements that sleep in this database. */
async function sleeping(): Promise<number> {
  const { rows } = await asOwner(
    test.url,
    `SELECT count(*) AS count FROM pg_stat_activity
     WHERE datname = current_database() AND state = 'active' AND query LIKE 'SELECT pg_sleep%'`,
  );
  return Number(rows[0].count);
}
const untilSleeping = (count: number) => eventually(async () => expect(await sleeping()).toBe(count));

describe("a read", () => {
  it("is stopped in the database after the longest time, and says so with the next step", async () => {
    const reads = makeReads(test.db, { most: 8, timeoutMs: 100 });
    for (const actor of [agent, owner])
      await expect(reads.run(actor, undefined, sleep)).rejects.toMatchObject({
        code: "too_large",
        body: { limit: "0.1 s of database time per read", hint: expect.stringMatching(/^Narrow it/) },
      });
    expect(await sleeping()).toBe(0);
  });

  it("is stopped when many short statements together take too long", async () => {
    const reads = makeReads(test.db, { most: 8, timeoutMs: 200 });
    const many = async (db: EntityManager) => {
      for (let left = 100_000; left > 0; left--) await rows(db, "SELECT pg_sleep(0.01)");
    };
    await expect(reads.run(agent, undefined, many)).rejects.toMatchObject({ code: "too_large" });
  });

  it("ends in the database when the caller hangs up, and its connection serves the next read", async () => {
    const reads = makeReads(test.db, { most: 8, timeoutMs: LONG_S * 1_000 });
    const caller = new AbortController();
    const reading = reads.run(agent, caller.signal, sleep);
    await untilSleeping(1);
    caller.abort();
    await expect(reading).rejects.toMatchObject({ code: "unavailable" });
    expect(await sleeping()).toBe(0);
    const next = Array.from({ length: 30 }, () => reads.run(owner, undefined, answer));
    for (const found of await Promise.all(next)) expect(found).toEqual([{ answer: 42 }]);
  });

  it("does not begin when the caller is gone already", async () => {
    const reads = makeReads(test.db, { most: 8, timeoutMs: LONG_S * 1_000 });
    let begun = 0;
    const begin = async () => void (begun += 1);
    await expect(reads.run(agent, AbortSignal.abort(), begin)).rejects.toMatchObject({ code: "unavailable" });
    expect(begun).toBe(0);
  });

  it("cannot write", async () => {
    const reads = makeReads(test.db, { most: 8, timeoutMs: 10_000 });
    const write = (db: EntityManager) => rows(db, "DELETE FROM session");
    await expect(reads.run(owner, undefined, write)).rejects.toThrow("read-only transaction");
  });
});

describe("reads of one agent", () => {
  it("run up to the limit at once; one more is refused, and others are answered", async () => {
    const most = 3;
    const reads = makeReads(test.db, { most, timeoutMs: LONG_S * 1_000 });
    const callers = Array.from({ length: most }, () => new AbortController());
    const running = callers.map(({ signal }) => reads.run(agent, signal, sleep));
    const ended = Promise.allSettled(running);
    await untilSleeping(most);
    await expect(reads.run(agent, undefined, answer)).rejects.toMatchObject({
      code: "rate_limited",
      body: { limit: `${most} reads at once per token`, retryable: true },
    });
    expect(await reads.run(otherAgent, undefined, answer)).toEqual([{ answer: 42 }]);
    expect(await reads.run(owner, undefined, answer)).toEqual([{ answer: 42 }]);
    callers[0]?.abort();
    await expect(running[0]).rejects.toMatchObject({ code: "unavailable" });
    expect(await reads.run(agent, undefined, answer)).toEqual([{ answer: 42 }]);
    for (const caller of callers) caller.abort();
    await ended;
    expect(await sleeping()).toBe(0);
  });
});

anyBackend("the list of", (backend) => {
  let desk: TestCrm;
  beforeAll(async () => void (desk = await aCrm(backend)));
  afterAll(() => desk.close());

  it.each(["jobs", "authorizations", "audit"] as const)("%s ends when its caller hangs up", async (list) => {
    expect(await desk.crm[list](owner, {})).toMatchObject({ items: expect.any(Array) });
    const gone = desk.crm[list](owner, {}, AbortSignal.abort());
    await expect(gone).rejects.toMatchObject({ code: "unavailable" });
  });
});
