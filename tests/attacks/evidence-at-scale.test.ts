import { rows } from "../../src/database/sql.ts";
import type { TestDatabase } from "../support/database.ts";
import { asAttacker, sealAll } from "../support/evidence.ts";
import { type Known, REHASHED, sealedBusiness } from "../support/sealed-business.ts";

const { now, verify, problems } = sealedBusiness();
let test: TestDatabase;
let known: Known;
beforeEach(() => void ({ test, known } = now()));

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
