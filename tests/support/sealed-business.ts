import { eraseContact } from "../../src/data/erase.ts";
import { type Verification, verifyEvidence } from "../../src/data/evidence/verify.ts";
import { rows } from "../../src/database/sql.ts";
import { type TestDatabase, testDatabase } from "./database.ts";
import { asAttacker, sealAll } from "./evidence.ts";
import { aContact } from "./factories.ts";
import { agent, makePipeline } from "./pipeline.ts";

/** Ids of the rows that the tests attack. */
export interface Known {
  change: number;
  /** The id of a change that was rolled back. */
  unused: number;
  denied: string;
  allowed: string;
  rule: string;
  erased: number;
  erasureJob: string;
}

/** Before each test of a file a copy of a business with some of everything that is evidence, all of it sealed. */
export function sealedBusiness() {
  let original: TestDatabase;
  let test: TestDatabase;
  let known: Known;
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

  const verify = (heads: string[] = []): Promise<Verification> => verifyEvidence(test.db, { heads });
  return {
    now: () => ({ test, known }),
    verify,
    problems: async (heads: string[] = []): Promise<string[]> => (await verify(heads)).problems,
  };
}

async function aBusiness(of: TestDatabase): Promise<Known> {
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

/** SQL: what an owner who has read the migration does after a change, so that the row fits its own hash. */
export const REHASHED = {
  change: `UPDATE change c SET hash = salted_hash(c.salt,
    change_text(c.id, c.job_id, c.table_name, c.record_id, c.operation, c.at, c.before, c.after))`,
  decision: `UPDATE decision d SET hash = salted_hash(d.salt,
    decision_text(d.id, d.table_name, d.record_id, d.status, d.at, decided_row(d.table_name, d.record_id)))`,
};
