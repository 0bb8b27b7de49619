import type { DataSource } from "typeorm";
import type { ExecuteOptions } from "../../src/domain/engine/execute.ts";
import type { Crm, Submission } from "../../src/crm/contract.ts";
import type { RuleView } from "../../src/domain/engine/authorization/rules.ts";
import type { JobView } from "../../src/domain/engine/jobs.ts";
import type { RuleScope } from "../../src/entities/rule-scope.ts";
import type { Principal } from "../../src/domain/core/principal.ts";
import type { Registry } from "../../src/domain/core/registry.ts";
import { makeNotifier } from "../../src/queue/notify.ts";
import { makeCrm } from "../../src/crm/index.ts";
import { makeJobWorkers } from "../../src/workers/job-workers.ts";
import { makeWaiters } from "../../src/crm/waiters.ts";
import { NoAnswerError } from "../../src/queue/with-timeout.ts";
import type { TestBackend } from "./backends.ts";
import { testDatabase } from "./database.ts";
import { testRegistry } from "./probe-actions.ts";
import { theSettings } from "./factories.ts";
import { owner } from "./pipeline.ts";

type Rest = Omit<Partial<Submission>, "domain" | "action" | "data">;

/** The CRM with a real queue and workers in this process, including the probe actions. */
export interface TestCrm {
  crm: Crm;
  db: DataSource;
  /** Connects as the database's owner. */
  databaseUrl: string;
  /** `now` is the time for jobs and queries; undefined: the real time. */
  clock: { now?: Date | undefined };
  /** Submits an action and waits until its job has ended or is parked. */
  ask(actor: Principal, action: string, data: unknown, rest?: Rest): Promise<JobView>;
  /** Authorizes a parked job as the owner, with a scope as a rule. Resolves once the job has ended or is parked again. */
  allow(job: JobView, scope?: RuleScope): Promise<JobView>;
  /** The rule that was created when this job was authorized. */
  ruleOf(job: JobView): Promise<RuleView>;
  close(): Promise<void>;
}

export async function aCrm(backend: TestBackend, registry: Registry = testRegistry): Promise<TestCrm> {
  const { url: databaseUrl, db, drop } = await testDatabase();
  await theSettings(db);
  const problems: unknown[] = [];
  const onError = (error: unknown) => {
    // On a busy machine the queue may answer late; the job's row has been written, and the relay dispatches it.
    if (!(error instanceof NoAnswerError)) problems.push(error);
  };
  const queues = await backend.connect(databaseUrl);
  const notifier = makeNotifier(db, onError);
  const waiters = makeWaiters(db, databaseUrl, onError);
  const clock: TestCrm["clock"] = {};
  const options: ExecuteOptions = {
    authorizationTtlMs: 3_600_000,
    clock: { now: () => clock.now ?? new Date() },
  };
  const parts = {
    db,
    registry,
    queues,
    notifier,
    options,
    concurrency: 8,
    onBug: onError,
    onError,
  };
  const workers = makeJobWorkers(parts);
  const publicUrl = () => "http://localhost";

  const crm = makeCrm({
    db,
    registry,
    queues,
    waiters,
    notifier,
    publicUrl,
    clock: { now: () => clock.now ?? new Date() },
    onError,
  });

  /** Polls until the job is no longer queued or running: a slow machine may need several waits. */
  async function settled(actor: Principal, job: JobView): Promise<JobView> {
    const open = job.status === "queued" || job.status === "running";
    return open ? settled(actor, await crm.job(actor, job.job_id, 20)) : job;
  }
  return {
    crm,
    db,
    databaseUrl,
    clock,
    async ask(actor, key, data, rest = {}) {
      const [domain = "", action = ""] = key.split(".");
      return settled(actor, await crm.submit(actor, { domain, action, data, wait_seconds: 20, ...rest }));
    },
    async allow({ job_id, queue_id = "" }, scope) {
      const always = scope && { upgrade_permission: true, scope };
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
      await notifier.close();
      await queues.close();
      await drop();
      if (problems.length > 0) throw new AggregateError(problems, "The workers reported errors.");
    },
  };
}
