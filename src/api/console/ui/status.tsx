import type { AuthorizationStatus } from "../../../entities/authorization.ts";
import type { JobStatus } from "../../../entities/job.ts";
import type { DeliveryStatus } from "../../../entities/delivery.ts";
import type { MessageStatus } from "../../../entities/message.ts";

export const AUTHORIZATION_NAMES: Record<AuthorizationStatus, string> = {
  pending: "Pending",
  authorized: "Allowed",
  denied: "Denied",
  expired: "Expired",
  withdrawn: "Withdrawn",
  superseded: "Replaced",
};

export const JOB_NAMES: Record<JobStatus, string> = {
  queued: "Queued",
  running: "Running",
  completed: "Done",
  failed: "Failed",
  authorization_required: "Waiting for a person",
  denied: "Denied",
  expired: "Expired",
  withdrawn: "Withdrawn",
};

/** What a job's status means for the records. */
const JOB_WORDS: Record<JobStatus, string> = {
  queued: "It is accepted and queued; nothing has changed yet.",
  running: "It runs now.",
  completed: "It was carried out.",
  failed: "It failed; nothing was changed.",
  authorization_required: "It waits for a person's decision; nothing has changed yet.",
  denied: "A person denied it; nothing was changed.",
  expired: "Nobody decided in time; nothing was changed.",
  withdrawn: "The requester withdrew it; nothing was changed.",
};

export const MESSAGE_NAMES: Record<MessageStatus, string> = {
  queued: "Queued",
  sending: "Sending",
  sent: "Sent",
  failed: "Failed",
  cancelled: "Cancelled",
  suppressed: "Suppressed",
  not_sent: "NOT SENT",
  received: "Received",
};

type Status = AuthorizationStatus | JobStatus | MessageStatus | DeliveryStatus;

const TONES: Record<Status, "good" | "bad" | "open" | "over"> = {
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
  sending: "open",
  sent: "good",
  cancelled: "over",
  suppressed: "over",
  not_sent: "bad",
  received: "good",
};

export const AuthorizationBadge = ({ status }: { status: AuthorizationStatus }) => (
  <span class={`badge ${TONES[status]}`}>{AUTHORIZATION_NAMES[status]}</span>
);

export const JobBadge = ({ status }: { status: JobStatus }) => (
  <span class={`badge ${TONES[status]}`}>{JOB_NAMES[status]}</span>
);

export const MessageBadge = ({ status }: { status: MessageStatus }) => (
  <span class={`badge ${TONES[status]}`}>{MESSAGE_NAMES[status]}</span>
);

/** A delivery's states are those of what it carries. */
export const DeliveryBadge = ({ status }: { status: DeliveryStatus }) => <MessageBadge status={status} />;

/** What became of a job, in a sentence. */
export const jobWords = ({ status, outcome }: { status: JobStatus; outcome?: string }): string =>
  outcome ?? JOB_WORDS[status];
