import type { DataSource } from "typeorm";
import { attributesByTable } from "../domain/attribute/definitions.ts";
import { batched } from "../database/batch.ts";
import { readAudit } from "../domain/engine/audit/read.ts";
import { readAuthorization } from "../domain/engine/authorization/view.ts";
import { withdraw } from "../domain/engine/authorization/withdraw.ts";
import { findAvailability } from "../domain/workflow/find-availability.ts";
import { findIn } from "../domain/contact/find.ts";
import type { SentChannel } from "../domain/core/action.ts";
import { capabilities } from "../domain/core/capabilities.ts";
import type { Clock } from "../domain/core/clock.ts";
import { type JobRow, type JobView, listJobs } from "../domain/engine/jobs.ts";
import type { Crm } from "./contract.ts";
import { queryIn } from "../domain/query/run-query.ts";
import type { Registry } from "../domain/core/registry.ts";
import type { Notifier } from "../queue/notify.ts";
import { makeCalendarFeeds } from "./calendar-feed.ts";
import { makeDecisions } from "./decisions.ts";
import { makeEvents } from "./events.ts";
import { deadline, makeJobReader } from "./job-reader.ts";
import { maskingLinks } from "./masked-links.ts";
import type { Metrics } from "./metrics.ts";
import { makeCustomerLinks } from "./links.ts";
import { DEFAULT_READS, makeReads, type ReadBudget } from "./reads.ts";
import { makeSender } from "./sender.ts";
import { makeJobWriter, MOST_COSTLY } from "./submit.ts";
import type { Backend } from "../queue/index.ts";
import type { Waiters } from "./waiters.ts";

export interface CrmParts {
  db: DataSource;
  registry: Registry;
  queues: Backend;
  waiters: Waiters;
  notifier: Notifier;
  publicUrl: () => string;
  clock: Clock;
  /** The configured channels, as the workers have them: the preview of an edit depends on them. None where left out. */
  channels?: ReadonlySet<SentChannel>;
  /** Limits of reads; DEFAULT_READS where it is left out. */
  readBudget?: ReadBudget;
  /** Unfinished costly requests of one agent; MOST_COSTLY where it is left out. */
  mostCostly?: number;
  /** Called with each submitting caller's outcome and wait time. */
  waited?: Metrics["waited"];
  /** Called with an error of the queue. The caller does not see it: the row is written, and the relay sends it again. */
  onError: (error: unknown) => void;
}

const NO_CHANNELS: ReadonlySet<SentChannel> = new Set();

/** The outcome of a wait, for metrics. */
const answerOf = ({ finished_at, status }: JobView): "ended" | "parked" | "open" => {
  if (finished_at !== null) return "ended";
  return status === "authorization_required" ? "parked" : "open";
};

const isParked = ({ status, auth_status }: JobRow): boolean =>
  status === "authorization_required" && auth_status === "pending";

/** The CRM that the API, MCP and the pages call. */
export function makeCrm(parts: CrmParts): Crm {
  const { db, registry, queues, waiters, notifier, publicUrl, clock, waited, onError } = parts;
  const { readBudget = DEFAULT_READS, mostCostly = MOST_COSTLY, channels = NO_CHANNELS } = parts;
  const write = makeJobWriter(db, registry, { clock, mostCostly });
  const sender = makeSender(queues, onError);
  const reads = makeReads(db, readBudget);
  const jobs = makeJobReader({ db, waiters, publicUrl });
  const attributes = makeAttributeReader(db);

  return maskingLinks({
    capabilities: async (query) => capabilities(registry, query, await attributes(null)),
    async submit(actor, submission) {
      const { id, fresh, costly } = await write(actor, submission);
      const until = deadline(submission.wait_seconds);
      const accepted = performance.now();
      if (fresh) await jobs.started({ id, until }, sender(costly));
      const job = await jobs.settled(actor, { id, until }, isParked);
      if (submission.wait_seconds) waited?.(answerOf(job), (performance.now() - accepted) / 1_000);
      return job;
    },
    query: (actor, input, { signal, forModel } = {}) =>
      reads.run(actor, signal, (snapshot) =>
        queryIn(snapshot, input, { types: registry.types, now: clock.now(), forModel }),
      ),
    findCustomers: (actor, input, signal) =>
      reads.run(actor, signal, (snapshot) => findIn(snapshot, input, clock.now())),
    findAvailability: (actor, input, signal) =>
      reads.run(actor, signal, (snapshot) => findAvailability(snapshot, input, clock.now())),
    job: (actor, id, waitSeconds = 0) => jobs.watch(actor, id, waitSeconds),
    async jobOfAuthorization(actor, queueId, waitSeconds = 0) {
      const { job_id } = await readAuthorization(db.manager, actor, queueId);
      const wait = { id: job_id, until: deadline(waitSeconds) };
      return jobs.settled(actor, wait, (row) => row.queue_id !== queueId);
    },
    async jobs(actor, filter, signal) {
      const list = await reads.run(actor, signal, (snapshot) => listJobs(snapshot, actor, filter));
      return { ...list, items: list.items.map(jobs.summary) };
    },
    async withdraw(actor, jobId) {
      await withdraw(db, actor, jobId);
      notifier.publish(jobId);
      return jobs.view(await jobs.read(actor, jobId)); // The timer stays in the queue and will find that the job has ended.
    },
    ...makeCustomerLinks(reads, clock),
    ...makeCalendarFeeds(db, reads, clock),
    ...makeDecisions({ db, registry, clock, publicUrl, channels, queues, notifier, reads, onError }),
    audit: (actor, filter, signal) =>
      reads.run(actor, signal, (snapshot) => readAudit(snapshot, actor, filter)),
    subscribe: makeEvents(db, waiters, onError),
  });
}

const makeAttributeReader = (db: DataSource) =>
  batched(async (requests: null[]) => {
    const byTable = await attributesByTable(db.manager);
    return requests.map(() => byTable);
  });
