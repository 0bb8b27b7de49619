import type { TestDatabase } from "../support/database.ts";
import { asAttacker, sealAll } from "../support/evidence.ts";
import { type Known, REHASHED, sealedBusiness } from "../support/sealed-business.ts";

const { now, verify, problems } = sealedBusiness();
let test: TestDatabase;
let known: Known;
beforeEach(() => void ({ test, known } = now()));

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
