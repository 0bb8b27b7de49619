import { JOB_STATUSES, type JobStatus } from "../../entities/job.ts";
import type { JobView, List } from "../../domain/core/ports.ts";
import { type Frame, Layout, toHtml } from "./layout.tsx";
import { Pager, type Selection, StatusTabs } from "./lists.tsx";
import { JOB_NAMES, JobBadge } from "./status.tsx";
import { Untrusted } from "./text.tsx";
import { Ago } from "./time.tsx";

export const jobPath = (id: string): string => `/jobs/${encodeURIComponent(id)}`;

const Line = ({ job }: { job: JobView }) => (
  <li data-live={job.job_id}>
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
    <Layout title="Jobs" session={frame.session} pending={frame.pending} here="jobs" live="job">
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
        <ul class="rows panel" data-live-items>
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
