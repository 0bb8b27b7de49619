import { eraseContact } from "../../src/data/erase.ts";
import { type Verification, verifyEvidence } from "../../src/data/evidence/verify.ts";
import { rows } from "../../src/database/sql.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { asAttacker, sealAll } from "../support/evidence.ts";
import { aContact } from "../support/factories.ts";
import { agent, makePipeline } from "../support/pipeline.ts";

/** A business with some of everything that is evidence, all of it sealed. */
let original: TestDatabase;
let test: TestDatabase;
/** Ids in the original. */
let known: {
  change: number;
  /** The id of a change that was rolled back. */
  unused: number;
  denied: string;
  allowed: string;
  rule: string;
  erased: number;
  erasureJob: string;
};

beforeAll(async () => {
  original = await testDatabase();
  known = await aBusiness(original);
  await sealAll(original);
});
afterAll(() => original.drop());
beforeEach(async () => {
  test = await original.copy();
});
afterEach(() => test.drop());

async function aBusiness(of: TestDatabase): Promise<typeof known> {
  const { db } = of;
  const pipeline = makePipeline(db);
  const parked = async () => pipeline.ask(agent, "probe.swear", { id: (await aContact(db)).id });
  const denied = await pipeline.answer(await parked(), { decision: "denied", notes: "Not this one." });
  const allowed = await pipeline.answer(await parked(), { upgrade_permission: true });
  const gone = await aContact(db, { name: "Quirinia Zwickelmann", notes: "marmalade" });
  const [rule] = await rows<{ id: string }>(db.manager, "SELECT id FROM rule");
  await rows(
    db.manager,
    `INSERT INTO rule_change (rule_id, principal, principal_kind, principal_name, before)
     VALUES ($1, 'user:user_olga', 'owner', 'Olga Owner', '{}')`,
    [rule?.id],
  );
  await rows(db.manager, "SELECT count_attempt('agent:token_a', 'POST /api/rules', 'an agent', '::1')");
  await rows(db.manager, "SELECT count_attempt('anonymous', 'POST /login', 'wrong password', '::1')");
  await asAttacker(of, "SELECT nextval('security_event_id_seq')");
  await sealAll(of);
  const erasureJob = await eraseContact(of.url, gone.id);
  await aContact(db, { name: "Maria Garcia" });
  const [last] = await rows<{ id: number }>(db.manager, "SELECT max(id) AS id FROM change");
  const [erased] = await rows<{ id: number }>(
    db.manager,
    "SELECT min(id) AS id FROM change WHERE record_id = $1",
    [gone.id],
  );
  const [unused] = await rows<{ id: number }>(
    db.manager,
    "SELECT min(c.id) + 1 AS id FROM change c WHERE NOT EXISTS (SELECT FROM change n WHERE n.id = c.id + 1)",
  );
  return {
    change: last?.id ?? 0,
    unused: unused?.id ?? 0,
    denied: denied.queue_id ?? "",
    allowed: allowed.queue_id ?? "",
    rule: rule?.id ?? "",
    erased: erased?.id ?? 0,
    erasureJob,
  };
}

const verify = (heads: string[] = []): Promise<Verification> => verifyEvidence(test.db, { heads });
const problems = async (heads: string[] = []): Promise<string[]> => (await verify(heads)).problems;

/** SQL: what an owner who has read the migration does after a change, so that the row fits its own hash. */
const REHASHED = {
  change: `UPDATE change c SET hash = salted_hash(c.salt,
    change_text(c.id, c.job_id, c.table_name, c.record_id, c.operation, c.at, c.before, c.after))`,
  decision: `UPDATE decision d SET hash = salted_hash(d.salt,
    decision_text(d.id, d.table_name, d.record_id, d.status, d.at, decided_row(d.table_name, d.record_id)))`,
};

it("finds no problem in what nobody touched, and names the erasure", async () => {
  const found = await verify();
  expect(found).toMatchObject({ problems: [], waiting: 0, expired: 0 });
  expect(found.sealed).toBeGreaterThan(10);
  expect(found.erasures).toEqual([{ job_id: known.erasureJob, at: expect.any(Date), rows: 1 }]);
  expect(await verify([found.head?.hash ?? ""])).toMatchObject({
    problems: [],
    confirmed: [{ hash: found.head?.hash }],
  });
});

describe("a change that the owner of the tables", () => {
  const { change: rehashed } = REHASHED;
  it.each([
    ["edited in one byte of after", "after = jsonb_set(after, '{name}', '\"Maria Garcib\"')"],
    ["gave an image before", "before = '{}'"],
    ["moved to another record", "record_id = record_id || 'x'"],
    ["moved to another job", "job_id = (SELECT min(id) FROM job)"],
    ["moved by a microsecond", "at = at + interval '1 microsecond'"],
    ["made another operation", "operation = 'update'"],
    ["gave another salt", "salt = gen_random_uuid()"],
  ])("%s is named, also with a new hash", async (_what, set) => {
    await asAttacker(test, `UPDATE change SET ${set} WHERE id = ${known.change}`);
    expect(await problems()).toEqual([
      expect.stringMatching(`^change ${known.change} was changed after it was sealed at 20`),
    ]);
    await asAttacker(test, rehashed.concat(` WHERE id = ${known.change}`));
    expect(await problems()).toEqual([expect.stringMatching(`^change ${known.change} was changed`)]);
  });

  it("cut is named", async () => {
    await asAttacker(test, `DELETE FROM change WHERE id = ${known.change}`);
    expect(await problems()).toEqual([expect.stringMatching(`^change ${known.change} was cut`)]);
  });

  it("added between the others, under an id that was never used, is named", async () => {
    await asAttacker(
      test,
      `INSERT INTO change SELECT (jsonb_populate_record(c, '{"id": ${known.unused}}')).* FROM change c
       WHERE id = ${known.change}`,
      rehashed.concat(` WHERE id = ${known.unused}`),
    );
    expect(await problems()).toEqual([expect.stringMatching(`^change ${known.unused} was added`)]);
  });

  it("added at the end without its hash is named, before and after the next sealing", async () => {
    await asAttacker(
      test,
      `INSERT INTO change (job_id, table_name, record_id, operation, before, after, salt, hash)
       SELECT job_id, table_name, record_id, operation, before, after, salt, hash FROM change WHERE id = ${known.change}`,
    );
    const added = new RegExp(`^change ${known.change + 1} was changed or added before it was sealed`);
    expect(await problems()).toEqual([expect.stringMatching(added)]);
    await sealAll(test);
    expect(await problems()).toEqual([
      expect.stringMatching(`^change ${known.change + 1} was added, or changed before`),
    ]);
  });

  it("added at the end with an older date is named", async () => {
    await asAttacker(
      test,
      `INSERT INTO change (job_id, table_name, record_id, operation, before, after, at, salt, hash)
       SELECT job_id, table_name, record_id, operation, before, after, at - interval '2 days', gen_random_uuid(), hash
       FROM change WHERE id = ${known.change}`,
      rehashed.concat(` WHERE id > ${known.change}`),
    );
    await sealAll(test);
    expect(await problems()).toEqual([
      expect.stringMatching(`^change ${known.change + 1} was added later, or the clock was wrong`),
    ]);
  });
});

describe("a change hidden as an erasure", () => {
  const blanked = (set: string) =>
    `UPDATE change SET salt = NULL, after = erased_image('contact', after) || '${set}' WHERE id = ${known.change}`;
  const recorded = () =>
    `INSERT INTO erasure (job_id, changes, decisions) SELECT job_id, '{${known.change}}', '{}' FROM erasure LIMIT 1`;

  it("is named when no erasure is recorded", async () => {
    await asAttacker(test, blanked("{}"));
    expect(await problems()).toEqual([
      expect.stringMatching(`^change ${known.change} was changed .* but none is recorded`),
    ]);
  });

  it("is named when something else than personal data was changed, though an erasure is recorded", async () => {
    await asAttacker(test, blanked('{"archived_at": "2026-01-01T00:00:00+00:00"}'), recorded());
    expect(await problems()).toEqual([expect.stringMatching(`^change ${known.change} was changed after`)]);
  });

  it("is reported as an erasure when it is one, with its job", async () => {
    await asAttacker(test, blanked("{}"), recorded());
    const { problems: found, erasures } = await verify();
    expect(found).toEqual([]);
    expect(erasures).toHaveLength(2);
  });

  it("is named when the recorded erasure is cut or changed", async () => {
    await asAttacker(test, "DELETE FROM erasure");
    expect((await problems()).sort()).toEqual([
      expect.stringMatching(`^change ${known.erased} was changed .* none is recorded`),
      expect.stringMatching(/^erasure 1 was cut/),
    ]);
  });

  it("is named when the list of a recorded erasure was changed", async () => {
    await asAttacker(test, `UPDATE erasure SET changes = changes || ${known.change}::bigint`);
    expect(await problems()).toEqual([expect.stringMatching(/^erasure 1 was changed/)]);
  });

  it("is named when an erased row is changed once more", async () => {
    await asAttacker(
      test,
      `UPDATE change SET after = after || '{"kind": "company"}' WHERE id = ${known.erased}`,
    );
    expect(await problems()).toEqual([expect.stringMatching(`^change ${known.erased} was changed`)]);
  });
});

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

describe("the seals", () => {
  const forged = () =>
    `UPDATE change SET after = jsonb_set(after, '{name}', '"X"') WHERE id = ${known.change};
     ${REHASHED.change} WHERE id = ${known.change};
     UPDATE sealed_row r SET whole = c.hash FROM change c
     WHERE r.table_name = 'change' AND r.row_id = c.id AND c.id = ${known.change}`;
  const resealed = "TRUNCATE seal, sealed_row, seal_mark";

  it("name the row whose entry alone was changed", async () => {
    await asAttacker(
      test,
      `UPDATE sealed_row SET whole = redacted WHERE table_name = 'change' AND row_id = 1`,
    );
    expect(await problems()).toEqual([expect.stringMatching(/^change 1 was changed/)]);
  });

  it("name the seal when a row, its hash and its entry were changed together", async () => {
    await asAttacker(test, forged());
    expect(await problems()).toEqual([
      expect.stringMatching(/^Seal \d+ \(change \d+ to \d+, .*\) has another list of rows/),
    ]);
  });

  it("name the seal that was changed, and the one after a seal that was cut", async () => {
    await asAttacker(test, "UPDATE seal SET sealed_at = sealed_at - interval '1 day' WHERE id = 2");
    expect(await problems()).toEqual([
      expect.stringMatching(/^Seal 2 .* does not continue the chain: its own values were changed/),
    ]);
    await asAttacker(test, "DELETE FROM seal WHERE id = 2");
    expect(await problems()).toEqual([
      expect.stringMatching(/^Seal 3 .* does not continue the chain: seal 2 before it is gone/),
    ]);
  });

  it("show by a head that was kept that everything was sealed again, and find nothing without one", async () => {
    const { head } = await verify();
    await asAttacker(test, forged(), resealed);
    await sealAll(test);
    expect(await problems()).toEqual([
      expect.stringMatching(`change ${known.erased} was added, or changed before`),
    ]);
    expect(await problems([head?.hash ?? ""])).toContainEqual(
      expect.stringMatching(`^The head ${head?.hash} is not in the chain`),
    );
  });

  it("show by a head that was kept that the newest seals were cut with their rows", async () => {
    const { head } = await verify();
    await asAttacker(
      test,
      "DELETE FROM seal WHERE id > 3",
      "DELETE FROM sealed_row r WHERE NOT EXISTS (SELECT FROM seal s WHERE s.table_name = r.table_name AND r.row_id <= s.last_id)",
      ...["change", "decision", "security_event", "erasure"].map(
        (table) =>
          `DELETE FROM ${table} WHERE id > coalesce((SELECT max(last_id) FROM seal WHERE table_name = '${table}'), 0)`,
      ),
    );
    expect(await problems([head?.hash ?? ""])).toContainEqual(
      expect.stringMatching(`^The head ${head?.hash} is not in the chain`),
    );
  });

  it("are missed when they were removed and sealing went on", async () => {
    await rows(
      test.db.manager,
      `INSERT INTO schedule_run (name, last_started_at, last_succeeded_at)
       VALUES ('evidence-seal', now(), now() + interval '2 hours')`,
    );
    expect(await problems()).toEqual([]);
    await asAttacker(test, resealed);
    expect(await problems()).toContainEqual(expect.stringMatching(/^change has rows .* seals were removed/));
  });
});

it("finds one changed byte among 100,000 changes and names the row", async () => {
  await asAttacker(
    test,
    `INSERT INTO change (job_id, table_name, record_id, operation, after, salt, hash)
     SELECT job_id, 'service', 'service_' || i, 'insert', jsonb_build_object('name', 'Service ' || i), gen_random_uuid(), ''
     FROM change, generate_series(1, 100000) i WHERE id = ${known.change}`,
    REHASHED.change.concat(` WHERE id > ${known.change}`),
  );
  await sealAll(test);
  expect(await verify()).toMatchObject({ problems: [], waiting: 0 });
  const [row] = await rows<{ id: number }>(
    test.db.manager,
    "SELECT id FROM change WHERE record_id = 'service_67890'",
  );
  await asAttacker(
    test,
    `UPDATE change SET after = jsonb_set(after, '{name}', '"Service 67891"') WHERE id = ${row?.id}`,
  );
  expect(await problems()).toEqual([
    expect.stringMatching(`^change ${row?.id} was changed after it was sealed`),
  ]);
}, 120_000);
