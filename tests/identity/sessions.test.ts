import {
  confirmSession,
  endOtherSessions,
  endSession,
  findSession,
  listSessions,
  openSession,
} from "../../src/identity/sessions.ts";
import { createOwner } from "../../src/identity/accounts.ts";
import { newId } from "../../src/domain/core/ids.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";

const PLACE = { ip: "203.0.113.9", userAgent: "Firefox" };

let test: TestDatabase;
let olive: { id: string };
let otto: { id: string };
beforeAll(async () => {
  test = await testDatabase();
  const owner = (name: string) =>
    createOwner(test.db, { email: `${name}@example.com`, password: "correct", name });
  [olive, otto] = [await owner("olive"), await owner("otto")];
});
afterAll(() => test.drop());
beforeEach(() => test.db.query("DELETE FROM session"));

const open = (user = olive) => openSession(test.db, user, PLACE);
const find = (token: string, used = false) => findSession(test.db, token, { used });
const opened = async (user = olive) => {
  const token = await open(user);
  return { token, id: (await find(token))?.id ?? "" };
};
/** Moves a time of every session into the past, by the database's clock. */
const age = (column: string, interval: string) =>
  test.db.query(`UPDATE session SET ${column} = clock_timestamp() - interval '${interval}'`);

describe("a session", () => {
  it("is found by its cookie, with its user", async () => {
    const { id, token } = await opened();
    expect(id).toMatch(/^session_/);
    const user = { id: olive.id, email: "olive@example.com", name: "olive", role: "owner" };
    expect(await find(token)).toEqual({ id, user, recent: true });
    expect(await find(`${token}x`)).toBeNull();
  });

  it("ends after 24 hours without use, and not before", async () => {
    const token = await open();
    await age("last_seen_at", "23 hours 59 minutes");
    expect(await find(token)).not.toBeNull();
    await age("last_seen_at", "24 hours");
    expect(await find(token, true)).toBeNull();
    expect(await listSessions(test.db, olive.id)).toEqual([]);
  });

  it("stays open while a person uses it, but not by what an open page does by itself", async () => {
    const token = await open();
    const seen = async () => (await listSessions(test.db, olive.id))[0]?.last_seen_at.getTime() ?? 0;
    await age("last_seen_at", "23 hours");
    const before = await seen();
    await find(token, false);
    expect(await seen()).toBe(before);
    await find(token, true);
    expect(await seen()).toBeGreaterThan(before);
  });

  it("ends 7 days after the sign-in, however much it is used", async () => {
    const token = await open();
    await test.db.query("UPDATE session SET expires_at = expires_at - interval '7 days'");
    expect(await find(token, true)).toBeNull();
  });

  it("is recent for 15 minutes after the password was checked", async () => {
    const { id, token } = await opened();
    await age("password_at", "14 minutes 50 seconds");
    expect(await find(token)).toMatchObject({ recent: true });
    await age("password_at", "15 minutes");
    expect(await find(token, true)).toMatchObject({ recent: false });
    await confirmSession(test.db, id);
    expect(await find(token)).toMatchObject({ recent: true });
  });
});

describe("a person's own sessions", () => {
  it("are listed without anything that opens them, and those of others are not", async () => {
    const { id, token } = await opened();
    await opened(otto);
    const list = await listSessions(test.db, olive.id);
    expect(list).toEqual([
      {
        id,
        ip: PLACE.ip,
        user_agent: "Firefox",
        created_at: expect.any(Date),
        last_seen_at: expect.any(Date),
      },
    ]);
    expect(JSON.stringify(list)).not.toContain(token);
  });

  it("end one by one, or all but one, and nobody ends another's", async () => {
    const [first, second, third, theirs] = [
      await opened(),
      await opened(),
      await opened(),
      await opened(otto),
    ];
    await endSession(test.db, olive.id, first.id);
    await expect(endSession(test.db, olive.id, theirs.id)).rejects.toMatchObject({ code: "not_found" });
    await expect(endSession(test.db, olive.id, newId("session"))).rejects.toMatchObject({
      code: "not_found",
    });
    await endOtherSessions(test.db, olive.id, second.id);
    const alive = await Promise.all(
      [first, second, third, theirs].map(async ({ token }) => !!(await find(token))),
    );
    expect(alive).toEqual([false, true, false, true]);
  });
});
