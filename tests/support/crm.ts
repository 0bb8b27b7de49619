import type { DataSource } from "typeorm";
import type { ExecuteOptions } from "../../src/domain/core/execute.ts";
import type { Crm, JobView, RuleView, Submission } from "../../src/domain/core/ports.ts";
import type { RuleScope } from "../../src/entities/authorization.ts";
import type { Principal } from "../../src/domain/core/principal.ts";
import { makeBell } from "../../src/workers/bell.ts";
import { makeCrm } from "../../src/workers/crm.ts";
import { makeJobWorkers } from "../../src/workers/job-workers.ts";
import { makeWaiters } from "../../src/workers/waiters.ts";
import type { TestBackend } from "./backends.ts";
import { testDatabase } from "./database.ts";
import { testRegistry } from "./errands.ts";
import { theSettings } from "./factories.ts";
import { owner } from "./pipeline.ts";

type Rest = Omit<Partial<Submission>, "domain" | "action" | "data">;

/** The CRM as API and MCP see it, over a real queue and its workers, in this process: it knows the errands, too. */
export interface TestCrm {
  crm: Crm;
  db: DataSource;
  /** As the owner of the database. */
  databaseUrl: string;
  /** Set: the time at which jobs run. */
  clock: Pick<ExecuteOptions, "now">;
  /** Submits and waits until it has ended or is parked. */
  ask(actor: Principal, action: string, data: unknown, rest?: Rest): Promise<JobView>;
  /** The owner allows what a job waits for; with a scope: always. Answers the job at its end. */
  allow(job: JobView, scope?: RuleScope): Promise<JobView>;
  /** The rule that allowing this job left behind. */
  ruleOf(job: JobView): Promise<RuleView>;
  close(): Promise<void>;
}

export async function aCrm(backend: TestBackend): Promise<TestCrm> {
  const { url: databaseUrl, db, drop } = await testDatabase();
  await theSettings(db);
  const problems: unknown[] = [];
  const onError = (error: unknown) => void problems.push(error);
  const queues = await backend.connect(databaseUrl);
  const bell = makeBell(db, onError);
  const waiters = makeWaiters(db, databaseUrl, onError);
  const options: ExecuteOptions = { authorizationTtlMs: 3_600_000 };
  const parts = {
    db,
    registry: testRegistry,
    queues,
    bell,
    options,
    concurrency: 8,
    onBug: onError,
    onError,
  };
  const workers = makeJobWorkers(parts);
  const publicUrl = () => "http://localhost";
  const now = () => new Date();
  const crm = makeCrm({ db, registry: testRegistry, queues, waiters, bell, publicUrl, now, onError });

  /** Asks on while a slow machine has not come to it. */
  async function settled(actor: Principal, job: JobView): Promise<JobView> {
    const open = job.status === "queued" || job.status === "running";
    return open ? settled(actor, await crm.job(actor, job.job_id, 20)) : job;
  }
  return {
    crm,
    db,
    databaseUrl,
    clock: options,
    async ask(actor, key, data, rest = {}) {
      const [domain = "", action = ""] = key.split(".");
      return settled(actor, await crm.submit(actor, { domain, action, data, waitSeconds: 20, ...rest }));
    },
    async allow({ job_id, queue_id = "" }, scope) {
      const always = scope && { upgradePermission: true, scope };
      await crm.decide(owner, queue_id, { decision: "authorized", ...always });
      for (;;) {
        const job = await crm.job(owner, job_id, 20);
        if (job.finished_at !== null || job.queue_id !== queue_id) return job;
      }
    },
    async ruleOf({ authorization }) {
      const { items } = await crm.rules(owner);
      const rule = items.find(({ authorization_id }) => authorization_id === authorization?.queue_id);
      if (!rule) throw new Error("There is no such rule.");
      return rule;
    },
    async close() {
      for (const each of workers) await each.close();
      await waiters.close();
      await bell.close();
      await queues.close();
      await drop();
      if (problems.length > 0) throw new AggregateError(problems, "The workers had trouble.");
    },
  };
}
