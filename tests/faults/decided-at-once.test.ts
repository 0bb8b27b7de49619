import type { DataSource } from "typeorm";
import { decide, type Decision } from "../../src/domain/engine/authorization/decide.ts";
import { execute } from "../../src/domain/engine/execute.ts";
import type { AuthorizationView } from "../../src/domain/engine/authorization/view.ts";
import type { Principal } from "../../src/domain/core/principal.ts";
import { makeRegistry } from "../../src/domain/core/registry.ts";
import { domains } from "../../src/domain/index.ts";
import { rows } from "../../src/database/sql.ts";
import { makeJobWriter } from "../../src/crm/submit.ts";
import { clock } from "../support/act.ts";
import { anyBackend } from "../support/backends.ts";
import { makeChance } from "../support/chaos.ts";
import { CrmError } from "../../src/domain/core/errors.ts";
import { testDatabase, type TestDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { rounds } from "../support/form.ts";
import { aTicket, theSettings } from "../support/factories.ts";
import { startApp, type TestApp, type Session } from "../support/app.ts";
import { askToDelete } from "../support/parked.ts";

const AT_ONCE = 20;
const twenty = <Result>(each: (index: number) => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: AT_ONCE }, (_, index) => each(index)));

/** How often a job has deleted a customer. */
async function deletions(db: DataSource, jobId: string): Promise<number> {
  const sql = "SELECT FROM change WHERE job_id = $1 AND table_name = 'contact' AND operation = 'delete'";
  return (await rows(db.manager, sql, [jobId])).length;
}

/** Dispatches of a job: sent, parked and decided. More would mean that the relay had to resend a decision. */
const AT_DECISION = 3;

anyBackend("one request decided by many at once", (backend) => {
  let app: TestApp;
  let sessions: Session[];
  beforeAll(async () => {
    app = await startApp(backend, { services: ["api,mcp", "worker"] });
    sessions = [await app.owner(), await app.owner()];
  });
  afterAll(() => app.stop());

  const dispatches = async (jobId: string) => {
    const sql = "SELECT dispatches FROM job WHERE id = $1";
    return (await rows<{ dispatches: number }>(app.db.manager, sql, [jobId]))[0]?.dispatches;
  };
  const click = (index: number, queueId: string | undefined, decision: Decision["decision"]) =>
    sessions[index % 2]?.decide(queueId ?? "", { decision });

  it("accepts one decision, answers the others with the winner, and runs at most once", async () => {
    const chance = makeChance(`decisions at once on ${backend.kind}`);
    for (const job of await askToDelete(app, 10)) {
      const answers = await twenty(async (index) =>
        click(index, job.queue_id, chance(0, 1) ? "authorized" : "denied"),
      );
      const won = answers.filter((answer) => answer?.status === 200);
      expect(won).toHaveLength(1);
      const { status, decided_by } = won[0]?.body.data ?? {};
      for (const answer of answers) {
        if (answer === won[0]) continue;
        expect(answer).toMatchObject({
          status: 409,
          body: { error: { code: "conflict", winner: { status, decided_by } } },
        });
      }
      const { body } = await app.agent("GET", `/api/jobs/${job.job_id}?wait=20`);
      expect(body.data.status).toBe(status === "authorized" ? "completed" : "denied");
      expect(await deletions(app.db, job.job_id)).toBe(status === "authorized" ? 1 : 0);
      expect(await dispatches(job.job_id)).toBe(AT_DECISION);
    }
  });

  it("accepts one of two clicks in the same session", async () => {
    const [job] = await askToDelete(app, 1);
    const clicks = await Promise.all([0, 0].map((session) => click(session, job?.queue_id, "authorized")));
    expect(clicks.map((answer) => answer?.status).sort()).toEqual([200, 409]);
    await eventually(async () => expect(await deletions(app.db, job?.job_id ?? "")).toBe(1));
  });
});

const ROUNDS = rounds(40, 190);

describe(`${ROUNDS} requests decided by twenty at once each, in the database alone`, () => {
  const HOUR = 3_600_000;
  const registry = makeRegistry(domains);
  const agent: Principal = { kind: "agent", id: "token_test", name: "Office manager" };
  const people: Principal[] = ["Olive", "Otto"].map((name) => ({ kind: "owner", id: `user_${name}`, name }));
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
    await theSettings(database.db);
  });
  afterAll(() => database.drop());

  async function park(): Promise<{ jobId: string; queueId: string }> {
    const { db } = database;
    const { customer_id } = await aTicket(db, { address_id: null });
    const { id: jobId } = await makeJobWriter(db, registry, { clock })(agent, {
      domain: "contact",
      action: "delete",
      data: { id: customer_id },
      reasoning: "They moved out of state.",
    });
    await execute({ db, registry }, jobId, { authorizationTtlMs: HOUR });
    const [asked] = await rows<{ id: string }>(
      db.manager,
      'SELECT id FROM "authorization" WHERE job_id = $1',
      [jobId],
    );
    return { jobId, queueId: asked?.id ?? "" };
  }

  /** The authorization if this decision won, else the winner from the error. */
  async function outcome(index: number, queueId: string, decision: Decision["decision"]) {
    const person = people[index % 2] ?? agent;
    return decide(database.db, person, { id: queueId, decision }).then(
      ({ view }): { won: AuthorizationView } => ({ won: view }),
      (error: unknown) => {
        if (error instanceof CrmError && error.code === "conflict") return { lostTo: error.body["winner"] };
        throw error;
      },
    );
  }

  it("have one winner each and at most one effect", async () => {
    const chance = makeChance("decisions at once in the database");
    for (let round = 0; round < ROUNDS; round++) {
      const { jobId, queueId } = await park();
      const outcomes = await twenty((index) =>
        outcome(index, queueId, chance(0, 1) ? "authorized" : "denied"),
      );
      const wins = outcomes.flatMap((one) => ("won" in one ? [one.won] : []));
      expect(wins).toHaveLength(1);
      const { status, decided_by, decided_at } = wins[0] ?? {};
      const losses = outcomes.flatMap((one) => ("lostTo" in one ? [one.lostTo] : []));
      expect(losses).toEqual(Array.from({ length: AT_ONCE - 1 }, () => ({ status, decided_by, decided_at })));

      // The queue may deliver the decision more than once.
      const options = { authorizationTtlMs: HOUR };
      await Promise.all([1, 2].map(() => execute({ db: database.db, registry }, jobId, options)));
      expect(await deletions(database.db, jobId)).toBe(status === "authorized" ? 1 : 0);
    }
  }, 180_000);
});
