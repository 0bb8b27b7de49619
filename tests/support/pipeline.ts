import type { DataSource } from "typeorm";
import { decide } from "../../src/domain/authorization/decide.ts";
import { authorizationView, readAuthorization } from "../../src/domain/authorization/view.ts";
import { execute, type ExecuteOptions } from "../../src/domain/core/execute.ts";
import { type JobRow as ShownRow, type Outcome, readJob } from "../../src/domain/core/outcome.ts";
import type { AuthorizationView, Decision, Submission } from "../../src/domain/core/ports.ts";
import type { Principal } from "../../src/domain/core/principal.ts";
import type { Registry } from "../../src/domain/core/registry.ts";
import { Change, Job } from "../../src/entities/job.ts";
import { makeJobWriter } from "../../src/workers/dispatcher.ts";
import { testRegistry } from "./errands.ts";

export const agent: Principal = { kind: "agent", id: "token_office_manager", name: "Office manager" };
export const otherAgent: Principal = { kind: "agent", id: "token_other", name: "Other agent" };
export const owner: Principal = { kind: "owner", id: "user_olga", name: "Olga Owner" };
export const office: Principal = { kind: "office", id: "user_otto", name: "Otto Office" };
export const technician: Principal = { kind: "technician", id: "user_tina", name: "Tina Technician" };
export const system: Principal = { kind: "system", id: "test", name: "test" };

const WHY = { reasoning: "The customer asked for it." };
const HOUR = 3_600_000;

/** A whole job row, beside what is shown of it. */
export type JobRow = Job & ShownRow;

type Rest = Omit<Partial<Submission>, "domain" | "action" | "data">;

export interface Pipeline {
  /** Writes the job row, nothing more; its id. */
  submit(actor: Principal, action: string, data: unknown, rest?: Rest): Promise<string>;
  /** Carries a job one step on, as a worker does. */
  run(jobId: string): Promise<Outcome>;
  /** Submits, with reasoning unless said otherwise, and carries it one step on. */
  ask(actor: Principal, action: string, data: unknown, rest?: Rest): Promise<JobRow>;
  job(jobId: string): Promise<JobRow>;
  /** Decides the question that a job waits on, and carries the job on. */
  answer(job: JobRow, decision?: Partial<Decision>, actor?: Principal): Promise<JobRow>;
  /** The newest question of a job. */
  question(job: JobRow): Promise<AuthorizationView>;
  /** What a job has written, in its order. */
  changes(job: JobRow): Promise<Change[]>;
}

/** The core without a queue: whoever calls is the worker. */
export function makePipeline(
  db: DataSource,
  registry: Registry = testRegistry,
  options: Partial<ExecuteOptions> = {},
): Pipeline {
  const job = async (id: string): Promise<JobRow> => ({
    ...(await db.manager.findOneByOrFail(Job, { id })),
    ...(await readJob(db.manager, owner, id)),
  });
  const write = makeJobWriter(db, registry);
  const run = (id: string) => execute(db, registry, id, { authorizationTtlMs: HOUR, ...options });
  const pipeline: Pipeline = {
    job,
    run,
    async submit(actor, key, data, rest = {}) {
      const [domain = "", action = ""] = key.split(".");
      return (await write(actor, { domain, action, data, ...rest })).id;
    },
    async ask(actor, action, data, rest = WHY) {
      const id = await pipeline.submit(actor, action, data, rest);
      await run(id);
      return job(id);
    },
    async answer({ id, queue_id }, decision = {}, actor = owner) {
      await decide(db, actor, queue_id ?? "", { decision: "authorized", ...decision });
      await run(id);
      return job(id);
    },
    question: async ({ queue_id }) =>
      authorizationView(await readAuthorization(db.manager, owner, queue_id ?? "")),
    changes: ({ id }) => db.manager.find(Change, { where: { job_id: id }, order: { id: "ASC" } }),
  };
  return pipeline;
}
