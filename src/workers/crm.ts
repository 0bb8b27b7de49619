import type { DataSource } from "typeorm";
import { attributesByTable } from "../domain/attribute/definitions.ts";
import { batched } from "../domain/core/batch.ts";
import { decide } from "../domain/authorization/decide.ts";
import { readAudit } from "../domain/audit/read.ts";
import { listRules, narrowRule, revokeRule } from "../domain/authorization/rules.ts";
import { authorizationView, listAuthorizations, readAuthorization } from "../domain/authorization/view.ts";
import { withdraw } from "../domain/authorization/withdraw.ts";
import { findCustomers } from "../domain/contact/find.ts";
import { capabilities } from "../domain/core/capabilities.ts";
import { type JobRow, jobView, listJobs, ownJob, readJobs } from "../domain/core/outcome.ts";
import type { Crm, JobView } from "../domain/core/ports.ts";
import type { Principal } from "../domain/core/principal.ts";
import { runQuery } from "../domain/core/query.ts";
import type { Registry } from "../domain/core/registry.ts";
import type { Bell } from "./bell.ts";
import { makeEvents } from "./events.ts";
import type { Metrics } from "./metrics.ts";
import { dispatchId, makeJobWriter, makeSender, tell } from "./dispatcher.ts";
import { promoteOrAdd, type Backend } from "./queues.ts";
import { stateOf, type Waiters } from "./waiters.ts";

export interface CrmParts {
  db: DataSource;
  registry: Registry;
  queues: Backend;
  waiters: Waiters;
  bell: Bell;
  publicUrl: () => string;
  now: () => Date;
  /** Told how long each caller waited that asked for a change. */
  told?: Metrics["told"];
  /** Trouble that the caller need not know of: the row is written, the relay sees to the rest. */
  onError: (error: unknown) => void;
}

const toldOf = ({ finished_at, status }: JobView): "ended" | "parked" | "open" => {
  if (finished_at !== null) return "ended";
  return status === "authorization_required" ? "parked" : "open";
};

const deadline = (waitSeconds = 0): number => Date.now() + waitSeconds * 1_000;

/** The CRM as the API, MCP and the pages see it. */
export function makeCrm({
  db,
  registry,
  queues,
  waiters,
  bell,
  publicUrl,
  now,
  told,
  onError,
}: CrmParts): Crm {
  const view = (row: JobRow): JobView => jobView(row, publicUrl());
  const write = makeJobWriter(db, registry);
  const dispatch = makeSender(queues.queue("actions"), onError);
  // Callers that are woken together read together.
  const readOne = batched((ids: string[]) => readJobs(db.manager, ids));
  const attributes = batched(async (asked: null[]) => {
    const known = await attributesByTable(db.manager);
    return asked.map(() => known);
  });
  const read = async (actor: Principal, id: string) => ownJob(actor, id, await readOne(id));

  /** Reads the job until `done`, or until the time is up. */
  async function settled(
    actor: Principal,
    id: string,
    until: number,
    done: (row: JobRow) => boolean,
  ): Promise<JobView> {
    for (;;) {
      const waiter = waiters.join(id, until);
      try {
        const row = await read(actor, id);
        const enough = Date.now() >= until || waiters.dismissed();
        if (row.finished_at || done(row) || enough) return view(row);
        waiter.saw(stateOf(row.status, row.queue_id));
        await waiter.woken;
      } finally {
        waiter.leave();
      }
    }
  }

  /** Hands a new job to the queue and waits for the first word of it: what its row says so far is known. */
  async function send(id: string, until: number): Promise<void> {
    const waiter = waiters.join(id, until);
    try {
      waiter.saw(stateOf("queued", null));
      await dispatch(id);
      if (!waiters.dismissed()) await waiter.woken;
    } finally {
      waiter.leave();
    }
  }

  /** Waits until the job has ended or asks another question than it does now. */
  async function watch(actor: Principal, id: string, waitSeconds: number): Promise<JobView> {
    const { queue_id } = await read(actor, id);
    return settled(actor, id, deadline(waitSeconds), (row) => row.queue_id !== queue_id);
  }

  const crm: Crm = {
    capabilities: async (query) => capabilities(registry, query, await attributes(null)),
    async submit(actor, submission) {
      const { id, fresh } = await write(actor, submission);
      const until = deadline(submission.waitSeconds);
      const parked = (row: JobRow) =>
        row.status === "authorization_required" && row.auth_status === "pending";
      const accepted = performance.now();
      if (fresh) await send(id, until);
      const job = await settled(actor, id, until, parked);
      if (submission.waitSeconds) told?.(toldOf(job), (performance.now() - accepted) / 1_000);
      return job;
    },
    query: (_actor, input) => runQuery(db, registry.types, input, now()),
    findCustomers: (_actor, input) => findCustomers(db, input, now()),
    job: (actor, id, waitSeconds = 0) => watch(actor, id, waitSeconds),
    async jobOfAuthorization(actor, queueId, waitSeconds = 0) {
      const { job_id } = await readAuthorization(db.manager, actor, queueId);
      return settled(actor, job_id, deadline(waitSeconds), (row) => row.queue_id !== queueId);
    },
    async jobs(actor, filter) {
      const list = await listJobs(db.manager, actor, filter);
      return { ...list, items: list.items.map(view) };
    },
    async withdraw(actor, jobId) {
      await withdraw(db, actor, jobId);
      bell.ring(jobId);
      return view(await read(actor, jobId)); // Its timer finds the job ended, and nothing to do.
    },
    authorizations: (actor, filter) => listAuthorizations(db.manager, actor, filter),
    authorization: async (actor, id) => authorizationView(await readAuthorization(db.manager, actor, id)),
    async decide(actor, id, decision) {
      const { view: decided, jobId, timer, next } = await decide(db, actor, id, decision);
      bell.ring(jobId);
      const queue = queues.queue("awaiting-authorization");
      const heard = promoteOrAdd(queue, dispatchId(jobId, timer), dispatchId(jobId, next), { jobId });
      await tell(heard, onError);
      return decided;
    },
    rules: (actor) => listRules(db.manager, actor),
    narrowRule: (actor, id, scope) => narrowRule(db, actor, id, scope),
    revokeRule: (actor, id) => revokeRule(db.manager, actor, id),
    audit: (actor, filter) => readAudit(db.manager, actor, filter),
    subscribe: makeEvents(db, waiters, onError),
  };
  return crm;
}
