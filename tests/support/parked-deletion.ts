import type { AuthorizationView } from "../../src/domain/engine/authorization/view.ts";
import type { JobView } from "../../src/domain/engine/jobs.ts";
import { Authorization } from "../../src/entities/authorization.ts";
import { Change } from "../../src/entities/change.ts";
import { Contact } from "../../src/entities/contact.ts";
import { Job } from "../../src/entities/job.ts";
import { type Session, startApp, type TestApp } from "./app.ts";
import type { TestBackend } from "./backends.ts";
import { aTicket } from "./factories.ts";

export const REASONING = "They moved out of state.";

/** A request that waits for a person. */
export interface Parked {
  customer: string;
  job: JobView;
  auth: string;
}

/** An app for the tests of a file; before each test an agent's deletion waits in it for a person. */
export function parkedDeletion(backend: TestBackend) {
  let app: TestApp;
  let owner: Session;
  let parked: Parked;
  beforeAll(async () => {
    app = await startApp(backend);
    owner = await app.owner();
  });
  afterAll(() => app.stop());
  beforeEach(async () => void (parked = await aParked()));

  async function aParked(): Promise<Parked> {
    const { customer_id: customer } = await aTicket(app.db, { status: "completed" });
    const job = await app.act("contact", "delete", { id: customer }, { reasoning: REASONING });
    expect(job.status).toBe("authorization_required");
    return { customer, job, auth: job.queue_id ?? "" };
  }
  const db = () => app.db.manager;
  const exists = (id: string) => db().existsBy(Contact, { id });
  const finished = async ({ job_id }: JobView) =>
    (await app.agent("GET", `/api/jobs/${job_id}?wait=20`)).body.data;
  const view = async (id: string) =>
    (await owner.call<AuthorizationView>("GET", `/api/authorizations/${id}`)).body.data;
  const allow = async ({ auth, job }: Parked) => {
    expect(await owner.decide(auth, { decision: "authorized" })).toMatchObject({ status: 200 });
    return finished(job);
  };
  /** Expects that the job still waits for a decision and has changed nothing. */
  async function nothingHappened({ customer, job, auth } = parked): Promise<void> {
    expect(await db().findOneByOrFail(Authorization, { id: auth })).toMatchObject({ status: "pending" });
    expect(await db().findOneByOrFail(Job, { id: job.job_id })).toMatchObject({ status: job.status });
    expect(await db().countBy(Change, { job_id: job.job_id })).toBe(0);
    expect(await exists(customer)).toBe(true);
  }

  return { now: () => ({ app, owner, parked }), aParked, db, exists, view, allow, nothingHappened };
}
