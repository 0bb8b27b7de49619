import { rows } from "../../src/database/sql.ts";
import type { TestDatabase } from "../support/database.ts";
import { asAttacker, sealAll } from "../support/evidence.ts";
import { type Known, REHASHED, sealedBusiness } from "../support/sealed-business.ts";

const { now, verify, problems } = sealedBusiness();
let test: TestDatabase;
let known: Known;
beforeEach(() => void ({ test, known } = now()));

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
