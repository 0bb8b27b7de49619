import {
  createAgentToken,
  listTokens,
  makeAgentLookup,
  revokeToken,
  revokeTokenNamed,
} from "../../src/identity/tokens.ts";
import { newId } from "../../src/domain/core/ids.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";

const HOUR_MS = 3_600_000;

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.drop());

const known = (token: string, now = new Date()) => makeAgentLookup(test.db)(`Bearer ${token}`, now);

/** Moves the end of a token into the past, as the database's clock sees it. */
const letExpire = (id: string) =>
  test.db.query("UPDATE api_token SET expires_at = clock_timestamp() - interval '1 second' WHERE id = $1", [
    id,
  ]);

describe("an agent's token", () => {
  it("has a name that no other token has, also with other capitals and after it was revoked", async () => {
    const { id } = await createAgentToken(test.db, " Night shift ");
    for (const name of ["Night shift", "NIGHT SHIFT"])
      await expect(createAgentToken(test.db, name)).rejects.toMatchObject({
        code: "conflict",
        body: { hint: expect.stringContaining("countersign token list") },
      });
    await revokeToken(test.db, id);
    await expect(createAgentToken(test.db, "night shift")).rejects.toMatchObject({ code: "conflict" });
  });

  it("goes to one of two callers who ask for the same name at once", async () => {
    const asked = await Promise.allSettled([1, 2].map(() => createAgentToken(test.db, "Twins")));
    expect(asked.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  it.each(["", "  ", "two\nlines", "a\u0007bell", "x".repeat(101)])("cannot be named %j", async (name) => {
    await expect(createAgentToken(test.db, name)).rejects.toMatchObject({
      code: "validation_failed",
      body: { fields: [{ path: "name" }] },
    });
  });

  it("expires by the database's clock, whatever this process's clock says", async () => {
    const { id, token } = await createAgentToken(test.db, "Short", { lifeMs: HOUR_MS });
    const [year1970, year2100] = [new Date(0), new Date("2100-01-01")];
    for (const now of [year1970, year2100]) {
      const found = await known(token, now);
      expect(found?.principal).toEqual({ kind: "agent", id, name: "Short" });
      expect(found?.endsInMs).toBeGreaterThan(HOUR_MS - 60_000);
      expect(found?.endsInMs).toBeLessThanOrEqual(HOUR_MS);
    }
    await letExpire(id);
    for (const now of [year1970, year2100]) expect(await known(token, now)).toBeNull();
  });

  it("does not expire without a life time", async () => {
    const { token } = await createAgentToken(test.db, "Endless");
    expect(await known(token)).toMatchObject({ endsInMs: null });
  });

  it("is unknown once it is revoked by id or by name, and stays revoked since the first time", async () => {
    const { id, token } = await createAgentToken(test.db, "Gone");
    expect(await known(token)).not.toBeNull();
    const revoked = await revokeTokenNamed(test.db, "gone ");
    expect(revoked).toMatchObject({ id, status: "revoked" });
    expect(await known(token)).toBeNull();
    expect(await revokeToken(test.db, id)).toEqual(revoked);
  });

  it("that does not exist cannot be revoked", async () => {
    await expect(revokeToken(test.db, newId("token"))).rejects.toMatchObject({ code: "not_found" });
    await expect(revokeTokenNamed(test.db, "Nobody")).rejects.toMatchObject({
      code: "not_found",
      body: { hint: expect.stringContaining("token list") },
    });
  });
});

describe("the list of tokens", () => {
  it("has live ones first, says how each stands, and holds no token and no hash", async () => {
    await test.db.query("DELETE FROM api_token");
    const names = ["Live", "Expired", "Revoked"];
    const made = [];
    for (const name of names) made.push(await createAgentToken(test.db, name, { lifeMs: HOUR_MS }));
    await letExpire(made[1]?.id ?? "");
    await revokeToken(test.db, made[2]?.id ?? "");
    await known(made[0]?.token ?? "");
    const list = await listTokens(test.db);
    expect(list.map(({ name, status }) => [name, status])).toEqual([
      ["Live", "live"],
      ["Revoked", "revoked"],
      ["Expired", "expired"],
    ]);
    expect(list[0]).toEqual({
      id: made[0]?.id,
      name: "Live",
      status: "live",
      created_at: expect.any(String),
      last_used_at: expect.any(String),
      expires_at: expect.any(String),
      revoked_at: null,
    });
    for (const { token } of made) expect(JSON.stringify(list)).not.toContain(token);
  });
});
