import { verifyEvidence } from "../../src/data/evidence/verify.ts";
import { rows } from "../../src/database/sql.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { asAttacker, sealAll } from "../support/evidence.ts";
import { type Known, REHASHED, sealedBusiness } from "../support/sealed-business.ts";

const { now, problems } = sealedBusiness();
let test: TestDatabase;
let known: Known;
beforeEach(() => void ({ test, known } = now()));

it("a decision hidden as an erasure is named when its decider was changed, though an erasure is recorded", async () => {
  await asAttacker(
    test,
    "UPDATE decision SET salt = NULL WHERE id = 1",
    `UPDATE "authorization" a SET (title, reason, facts, moved, note, preview, decided_by_name) =
       (SELECT e.title, e.reason, e.facts, e.moved, e.note, e.preview, 'Nobody'
        FROM jsonb_populate_record(a, erased_decision('authorization', '{}')) e) WHERE id = '${known.denied}'`,
    "INSERT INTO erasure (job_id, changes, decisions) SELECT job_id, '{}', '{1}' FROM erasure LIMIT 1",
  );
  const named = new RegExp(`^authorization ${known.denied} \\(decision 1\\) was changed after`);
  expect(await problems()).toEqual([expect.stringMatching(named)]);
});

describe("a decision that the owner of the tables", () => {
  const { decision: rehashed } = REHASHED;
  const authorization = (set: string, id: string) => `UPDATE "authorization" SET ${set} WHERE id = '${id}'`;

  it.each([
    ["gave another person", "decided_by_name = 'Nobody'"],
    ["gave another note", "note = 'Not this ome.'"],
    ["gave another preview", "preview = '{}'"],
    ["gave another scope", "scope = '{\"uses\": 100}'"],
    ["dated back", "decided_at = decided_at - interval '1 day'"],
  ])("%s is named, also with a new hash", async (_what, set) => {
    await asAttacker(test, authorization(set, known.denied));
    const named = new RegExp(`^authorization ${known.denied} \\(decision 1\\) was changed`);
    expect(await problems()).toEqual([expect.stringMatching(named)]);
    await asAttacker(test, `${rehashed} WHERE record_id = '${known.denied}'`);
    expect(await problems()).toEqual([expect.stringMatching(named)]);
  });

  it("turned from denied into authorized is named, also with its decision", async () => {
    await asAttacker(test, authorization("status = 'authorized'", known.denied));
    expect(await problems()).toEqual([
      `authorization ${known.denied} was changed: it is authorized, but the decision was denied`,
    ]);
    await asAttacker(
      test,
      `UPDATE decision SET status = 'authorized' WHERE record_id = '${known.denied}'`,
      `${rehashed} WHERE record_id = '${known.denied}'`,
    );
    expect(await problems()).toEqual([
      expect.stringMatching(new RegExp(`^authorization ${known.denied} \\(decision 1\\) was changed`)),
    ]);
  });

  it("cut is named, with and without its decision", async () => {
    await asAttacker(test, `DELETE FROM "authorization" WHERE id = '${known.denied}'`);
    expect(await problems()).toEqual([
      expect.stringMatching(new RegExp(`^authorization ${known.denied} \\(decision 1\\) was changed`)),
    ]);
    await asAttacker(test, "DELETE FROM decision WHERE id = 1");
    expect(await problems()).toEqual([expect.stringMatching(/^decision 1 was cut/)]);
  });

  it("added is named", async () => {
    await asAttacker(
      test,
      `INSERT INTO "authorization" SELECT (jsonb_populate_record(a, '{"id": "auth_forged", "job_id": "${known.erasureJob}"}')).* FROM "authorization" a
       WHERE id = '${known.allowed}'`,
      `INSERT INTO rule SELECT (jsonb_populate_record(r, '{"id": "rule_forged"}')).* FROM rule r`,
      `INSERT INTO rule_change SELECT (jsonb_populate_record(c, '{"id": 77}')).* FROM rule_change c`,
    );
    expect(await problems()).toEqual([
      "authorization auth_forged was added: no decision made it authorized",
      "rule rule_forged was added: no decision created it",
      "rule_change 77 was added: no decision belongs to it",
    ]);
  });

  it.each([
    [
      "a rule whose agent changed",
      "UPDATE rule SET principal = 'agent:token_other'",
      /^rule rule_.* was changed/,
    ],
    ["a rule that was cut", "DELETE FROM rule", /^rule rule_.* was changed/],
    [
      "a narrowing by somebody else",
      "UPDATE rule_change SET principal_name = 'X'",
      /^rule_change 1 .* was changed/,
    ],
    ["a narrowing that was cut", "DELETE FROM rule_change", /^rule_change 1 .* was changed/],
  ])("%s is named", async (_what, sql, expected) => {
    await asAttacker(test, sql);
    expect(await problems()).toEqual([expect.stringMatching(expected)]);
  });

  it("leaves a rule's uses and end free, which go on changing", async () => {
    await rows(test.db.manager, "UPDATE rule SET uses = uses + 1, revoked_at = now()");
    expect(await problems()).toEqual([]);
  });
});

describe("a security event that the owner of the tables", () => {
  it.each([
    ["changed", "UPDATE security_event SET ip = '::2' WHERE id = 1", /^security_event 1 was changed/],
    ["cut", "DELETE FROM security_event WHERE id = 1", /^security_event 1 was cut/],
    [
      "cut, of a stranger, before its time",
      "DELETE FROM security_event WHERE id = 2",
      /^security_event 2 was cut/,
    ],
    [
      "added under an id that was never used",
      'INSERT INTO security_event SELECT (jsonb_populate_record(e, \'{"id": 3, "route": "GET /"}\')).* FROM security_event e WHERE id = 1',
      /^security_event 3 was added/,
    ],
  ])("%s is named", async (_what, sql, expected) => {
    await asAttacker(test, sql);
    expect(await problems()).toEqual([expect.stringMatching(expected)]);
  });

  it("cut after its expiry was changed is found by its seal", async () => {
    await asAttacker(
      test,
      "UPDATE sealed_row SET expires_at = now() WHERE table_name = 'security_event' AND row_id = 1",
      "DELETE FROM security_event WHERE id = 1",
    );
    expect(await problems()).toEqual([
      expect.stringMatching(/^Seal \d+ \(security_event 1 to \d+, .*\) has another list of rows/),
    ]);
  });

  it("may be gone after 90 days if it was a stranger's, and no other", async () => {
    const before = await testDatabase();
    try {
      await asAttacker(
        before,
        `INSERT INTO security_event (principal, route, reason, at) VALUES
         ('anonymous', 'POST /login', 'old', now() - interval '91 days'),
         ('agent:a', 'POST /api/rules', 'old', now() - interval '91 days'),
         ('anonymous', 'POST /login', 'newer', now() - interval '89 days')`,
      );
      const forget = () => rows(before.db.manager, "SELECT forget_attempts()");
      await forget(); // Not yet: they have no seal.
      await sealAll(before);
      expect(await verifyEvidence(before.db)).toMatchObject({ problems: [], expired: 0, sealed: 3 });
      await forget();
      expect(await verifyEvidence(before.db)).toMatchObject({ problems: [], expired: 1, sealed: 2 });
      await asAttacker(before, "DELETE FROM security_event WHERE principal <> 'anonymous'");
      expect((await verifyEvidence(before.db)).problems).toEqual([
        expect.stringMatching(/^security_event 2 was cut/),
      ]);
    } finally {
      await before.drop();
    }
  });
});
