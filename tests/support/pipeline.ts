import type { DataSource } from "typeorm";
import { decide, type Decision } from "../../src/domain/engine/authorization/decide.ts";
import { edit, type EditParts } from "../../src/domain/engine/authorization/edit.ts";
import {
  authorizationView,
  type AuthorizationView,
  readAuthorization,
} from "../../src/domain/engine/authorization/view.ts";
import { execute, type ExecuteOptions } from "../../src/domain/engine/execute.ts";
import { type JobRow as ShownRow, type Outcome, readJob } from "../../src/domain/engine/jobs.ts";
import type { Submission } from "../../src/crm/contract.ts";
import type { Principal } from "../../src/domain/core/principal.ts";
import type { Registry } from "../../src/domain/core/registry.ts";
import { Job } from "../../src/entities/job.ts";
import { Change } from "../../src/entities/change.ts";
import { completedData, makeJobWriter } from "../../src/crm/submit.ts";
import { testDatabase, type TestDatabase } from "./database.ts";
import { theSettings } from "./factories.ts";
import { testRegistry } from "./probe-actions.ts";

export const agent: Principal = { kind: "agent", id: "token_office_manager", name: "Office manager" };
export const otherAgent: Principal = { kind: "agent", id: "token_other", name: "Other agent" };
export const owner: Principal = { kind: "owner", id: "user_olga", name: "Olga Owner" };
export const office: Principal = { kind: "office", id: "user_otto", name: "Otto Office" };
export const technician: Principal = { kind: "technician", id: "user_tina", name: "Tina Technician" };
export const system: Principal = { kind: "system", id: "test", name: "test" };

const WHY = { reasoning: "The customer asked for it." };
const HOUR = 3_600_000;

/** The full job row, merged with the row that the API shows. */
export type JobRow = Job & ShownRow;

type Rest = Omit<Partial<Submission>, "domain" | "action" | "data">;

export interface Pipeline {
  /** Only writes the job row; resolves with its id. */
  submit(actor: Principal, action: string, data: unknown, rest?: Rest): Promise<string>;
  /** Executes a job up to its end or its next pause, as a worker does. */
  run(jobId: string): Promise<Outcome>;
  /** Submits a job, by default with reasoning, and runs it. */
  ask(actor: Principal, action: string, data: unknown, rest?: Rest): Promise<JobRow>;
  job(jobId: string): Promise<JobRow>;
  /** Decides a job's pending authorization and runs the job again. */
  answer(job: JobRow, decision?: Partial<Decision>, actor?: Principal): Promise<JobRow>;
  /** Changes a job's pending request; resolves with the job as it then is. */
  edit(job: JobRow, data: Record<string, unknown>, actor?: Principal): Promise<JobRow>;
  /** The newest authorization of a job. */
  question(job: JobRow): Promise<AuthorizationView>;
  /** The recorded changes of a job, in order. */
  changes(job: JobRow): Promise<Change[]>;
}

type PipelineOptions = Partial<Omit<ExecuteOptions, "now">> & { now?: Date | (() => Date) };

/** A new database with settings, and a pipeline on it. The caller drops the database. */
export async function testPipeline(): Promise<{ test: TestDatabase; pipeline: Pipeline }> {
  const test = await testDatabase();
  await theSettings(test.db);
  return { test, pipeline: makePipeline(test.db) };
}

/** The engine without a queue: the caller acts as the worker. */
export function makePipeline(
  db: DataSource,
  registry: Registry = testRegistry,
  { now, ...options }: PipelineOptions = {},
): Pipeline {
  const job = async (id: string): Promise<JobRow> => ({
    ...(await db.manager.findOneByOrFail(Job, { id })),
    ...(await readJob(db.manager, owner, id)),
  });
  const clock = now instanceof Date ? () => now : now;
  const write = makeJobWriter(db, registry, { clock: { now: clock ?? (() => new Date()) } });
  const run = (id: string) =>
    execute({ db, registry }, id, {
      authorizationTtlMs: HOUR,
      ...options,
      ...(clock && { clock: { now: clock } }),
    });
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
      await decide(db, actor, { id: queue_id ?? "", decision: "authorized", ...decision });
      await run(id);
      return job(id);
    },
    async edit({ id, queue_id }, data, actor = owner) {
      const parts = { db, registry, options: { ...options, ...(clock && { clock: { now: clock } }) } };
      const complete: EditParts["complete"] = (action, given) =>
        completedData(db, { now: clock ?? (() => new Date()) }, { action, data: given });
      await edit({ ...parts, complete }, actor, { id: queue_id ?? "", data });
      return job(id);
    },
    question: async ({ queue_id }) =>
      authorizationView(await readAuthorization(db.manager, owner, queue_id ?? "")),
    changes: ({ id }) => db.manager.find(Change, { where: { job_id: id }, order: { id: "ASC" } }),
  };
  return pipeline;
}
