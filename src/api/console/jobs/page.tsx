import type { JobEntry } from "../../../domain/engine/audit/entry.ts";
import type { JobView } from "../../../domain/engine/jobs.ts";
import { mayDecide } from "../../../domain/core/principal.ts";
import { WhatChanged } from "../audit/card.tsx";
import { jobPath } from "./list.tsx";
import { Csrf, type Frame, Layout, type Session, toHtml } from "../ui/layout.tsx";
import { link } from "../ui/lists.tsx";
import { JobBadge, jobWords } from "../ui/status.tsx";
import { ModelWords, Untrusted, UntrustedBlock } from "../ui/text.tsx";
import { AgoAndTime } from "../ui/time.tsx";
import { Json } from "../ui/values.tsx";

const Pretty = ({ title, value }: { title: string; value: unknown }) => (
  <section aria-label={title}>
    <h2>{title}</h2>
    <div class="panel">
      <Json value={value} />
    </div>
  </section>
);

function Times({ job }: { job: JobView }) {
  return (
    <dl class="facts">
      <div>
        <dt>Requested by:</dt>
        <dd>
          <Untrusted text={job.requested_by} />, <AgoAndTime at={job.created_at} />
        </dd>
      </div>
      {job.finished_at && (
        <div>
          <dt>Ended:</dt>
          <dd>
            <AgoAndTime at={job.finished_at} />
          </dd>
        </div>
      )}
      {job.authorization && (
        <div>
          <dt>Authorization:</dt>
          <dd>
            <a href={`/authorizations/${encodeURIComponent(job.authorization.queue_id)}`}>
              <Untrusted text={job.authorization.reason} />
            </a>
          </dd>
        </div>
      )}
      {Object.entries(job.understood ?? {}).map(([field, meaning]) => (
        <div key={field}>
          <dt>
            Understood <code>{field}</code>:
          </dt>
          <dd>{meaning}</dd>
        </div>
      ))}
      <div>
        <dt>Id:</dt>
        <dd>
          {job.job_id}, <a href={link("/audit", { job: job.job_id })}>in the audit</a>
        </dd>
      </div>
    </dl>
  );
}

/** Undo needs a second click and takes a reason. */
const Undo = ({ job, session }: { job: JobView; session: Session }) => (
  <details class="undo">
    <summary class="button">Undo…</summary>
    <form method="post" action={`${jobPath(job.job_id)}/undo`} class="stack panel">
      <Csrf session={session} />
      <p>
        Restores every record below to its earlier state. If a later job has changed one of them, the undo is
        refused and changes nothing. Messages that were sent stay sent.
      </p>
      <label>
        Why (optional)
        <input name="reasoning" maxLength={4000} />
      </label>
      <button type="submit" class="refuse">
        Yes, undo it
      </button>
    </form>
  </details>
);

export interface JobPage extends Frame {
  job: JobView;
  /** The job's audit entry. */
  entry: JobEntry | null;
  undoable: boolean;
}

export const renderJob = ({ job, entry, undoable, ...frame }: JobPage): string =>
  toHtml(
    <Layout title={`${job.action} · Job`} frame={frame} here="/jobs" live={job.job_id}>
      <p class="crumb">
        <a href="/jobs">Jobs</a>
      </p>
      <div class="heading">
        <h1>
          <code>{job.action}</code>
        </h1>
        <JobBadge status={job.status} />
      </div>
      <p>{jobWords(job)}</p>
      <Times job={job} />
      {job.reasoning && <ModelWords text={job.reasoning} />}
      {job.error && (
        <section class="panel" aria-labelledby="error">
          <h2 id="error">What went wrong</h2>
          <UntrustedBlock text={job.error.message} />
          {job.error.hint && <UntrustedBlock text={job.error.hint} />}
        </section>
      )}
      {undoable && mayDecide(frame.session.principal) && <Undo job={job} session={frame.session} />}
      {entry && entry.changes.length > 0 && (
        <section aria-labelledby="changed">
          <h2 id="changed">What it changed</h2>
          <WhatChanged entry={entry} open />
        </section>
      )}
      {job.error && <Pretty title="Error" value={job.error} />}
      {job.result !== null && <Pretty title="Result" value={job.result} />}
    </Layout>,
    frame,
  );
