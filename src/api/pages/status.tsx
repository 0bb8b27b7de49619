import type { AuthorizationStatus } from "../../entities/authorization.ts";
import type { JobStatus } from "../../entities/job.ts";

export const AUTHORIZATION_NAMES: Record<AuthorizationStatus, string> = {
  pending: "Pending",
  authorized: "Allowed",
  denied: "Denied",
  expired: "Expired",
  withdrawn: "Taken back",
  superseded: "Replaced",
};

export const JOB_NAMES: Record<JobStatus, string> = {
  queued: "Waiting its turn",
  running: "Running",
  completed: "Done",
  failed: "Failed",
  authorization_required: "Waiting for a person",
  denied: "Denied",
  expired: "Expired",
  withdrawn: "Taken back",
};

/** What a job's status means for the records. */
export const JOB_WORDS: Record<JobStatus, string> = {
  queued: "It is accepted and waits its turn; nothing has changed yet.",
  running: "It is being carried out now.",
  completed: "It was carried out.",
  failed: "It was tried and refused; nothing was changed.",
  authorization_required: "It waits for a person's decision; nothing has changed yet.",
  denied: "A person denied it; nothing was changed.",
  expired: "Nobody decided in time; nothing was changed.",
  withdrawn: "Who asked took it back; nothing was changed.",
};

const TONES: Record<AuthorizationStatus | JobStatus, "good" | "bad" | "open" | "over"> = {
  pending: "open",
  authorized: "good",
  queued: "open",
  running: "open",
  completed: "good",
  failed: "bad",
  authorization_required: "open",
  denied: "bad",
  expired: "over",
  withdrawn: "over",
  superseded: "over",
};

export const AuthorizationBadge = ({ status }: { status: AuthorizationStatus }) => (
  <span class={`badge ${TONES[status]}`}>{AUTHORIZATION_NAMES[status]}</span>
);

export const JobBadge = ({ status }: { status: JobStatus }) => (
  <span class={`badge ${TONES[status]}`}>{JOB_NAMES[status]}</span>
);
