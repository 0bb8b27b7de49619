import { JOB_STATUSES, type JobStatus } from "../../entities/job.ts";
import type { JobView, List } from "../../domain/core/ports.ts";
import { type Frame, Layout, toHtml } from "./layout.tsx";
import { Pager, type Selection, StatusTabs } from "./lists.tsx";
import { JOB_NAMES, JOB_WORDS, JobBadge } from "./status.tsx";
import { ModelWords, Untrusted, UntrustedBlock } from "./text.tsx";
import { Ago, AgoAndTime } from "./time.tsx";
import { Json } from "./values.tsx";

export const jobPath = (id: string): string => `/jobs/${encodeURIComponent(id)}`;

const Line = ({ job }: { job: JobView }) => (
  <li>
    <a href={jobPath(job.job_id)}>
      <code>{job.action}</code>
      <JobBadge status={job.status} />
      <span>
        <Untrusted text={job.requested_by} />
      </span>
      <span class="quiet">
        <Ago at={job.created_at} />
      </span>
    </a>
  </li>
);

export interface JobsPage extends Frame {
  list: List<JobView>;
  status: JobStatus | undefined;
  selection: Selection;
}

export function renderJobs({ list, status, selection, ...frame }: JobsPage): string {
  return toHtml(
    <Layout title="Jobs" session={frame.session} pending={frame.pending} here="jobs">
      <div class="heading">
        <h1>Jobs</h1>
      </div>
      <p class="quiet">Every request to change something, newest first. Nothing changes outside a job.</p>
      <StatusTabs
        path="/jobs"
        names={[
          [undefined, "All"],
          ...JOB_STATUSES.map((each): [JobStatus, string] => [each, JOB_NAMES[each]]),
        ]}
        current={status}
      />
      {list.items.length === 0 ? (
        <p class="empty panel">{status ? "No job has this status." : "Nobody has asked for anything yet."}</p>
      ) : (
        <ul class="rows panel">
          {list.items.map((job) => (
            <Line key={job.job_id} job={job} />
          ))}
        </ul>
      )}
      <Pager path="/jobs" selection={selection} nextCursor={list.next_cursor} />
    </Layout>,
    frame,
  );
}

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
        <dt>Asked by:</dt>
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
      <div>
        <dt>Id:</dt>
        <dd>{job.job_id}</dd>
      </div>
    </dl>
  );
}

export const renderJob = ({ job, ...frame }: Frame & { job: JobView }): string =>
  toHtml(
    <Layout title={`${job.action} · Job`} session={frame.session} pending={frame.pending} here="jobs">
      <p class="crumb">
        <a href="/jobs">Jobs</a>
      </p>
      <div class="heading">
        <h1>
          <code>{job.action}</code>
        </h1>
        <JobBadge status={job.status} />
      </div>
      <p>{JOB_WORDS[job.status]}</p>
      <Times job={job} />
      {job.reasoning && <ModelWords text={job.reasoning} />}
      {job.error && (
        <section class="panel" aria-labelledby="error">
          <h2 id="error">What went wrong</h2>
          <UntrustedBlock text={job.error.message} />
          {job.error.hint && <UntrustedBlock text={job.error.hint} />}
        </section>
      )}
      {job.error && <Pretty title="Error" value={job.error} />}
      {job.result !== null && <Pretty title="Result" value={job.result} />}
    </Layout>,
    frame,
  );
