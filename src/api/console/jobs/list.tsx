import { JOB_STATUSES, type JobStatus } from "../../../entities/job.ts";
import type { JobSummary } from "../../../domain/engine/jobs.ts";
import type { List } from "../../../domain/query/list.ts";
import { type Frame, Layout, toHtml } from "../ui/layout.tsx";
import { Pager, type Selection, StatusTabs } from "../ui/lists.tsx";
import { JOB_NAMES, JobBadge } from "../ui/status.tsx";
import { Untrusted } from "../ui/text.tsx";
import { Ago } from "../ui/time.tsx";

export const jobPath = (id: string): string => `/jobs/${encodeURIComponent(id)}`;

const Line = ({ job }: { job: JobSummary }) => (
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
  list: List<JobSummary>;
  status: JobStatus | undefined;
  selection: Selection;
}

export function renderJobs({ list, status, selection, ...frame }: JobsPage): string {
  return toHtml(
    <Layout title="Jobs" frame={frame} here="/jobs" live="job">
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
        <p class="empty panel">{status ? "No job has this status." : "There are no jobs yet."}</p>
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
