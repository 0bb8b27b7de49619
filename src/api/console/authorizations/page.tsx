import type { CrmError } from "../../../domain/core/errors.ts";
import { mayDecide } from "../../../domain/core/principal.ts";
import type { AuthorizationView } from "../../../domain/engine/authorization/view.ts";
import type { JobView } from "../../../domain/engine/jobs.ts";
import { authorizationPath, Requester } from "./list.tsx";
import { splitTitle, subjectName } from "./title.ts";
import type { DecisionFields } from "./form.ts";
import { Decide } from "./decision.tsx";
import { type EditField, isEdit } from "./edit-fields.ts";
import { EditForm, WhatWasEdited } from "./edit-form.tsx";
import { jobPath } from "../jobs/list.tsx";
import { forPeople } from "../ui/error.tsx";
import { type Frame, Layout, Notice, toHtml } from "../ui/layout.tsx";
import { link } from "../ui/lists.tsx";
import { WhatMoved } from "../ui/moved.tsx";
import { WhatWillChange } from "../ui/preview.tsx";
import { AuthorizationBadge, JobBadge, jobWords } from "../ui/status.tsx";
import { ModelWords, Untrusted, UntrustedBlock } from "../ui/text.tsx";
import { AgoAndTime } from "../ui/time.tsx";
import { Fields, Item } from "../ui/values.tsx";

/** Why a decision was not applied, given the current state. */
function Refused({ error, now }: { error: CrmError; now: AuthorizationView }) {
  if (error.code === "conflict" && now.decided_by && now.decided_at) {
    return (
      <p>
        <strong>
          Already decided by <Untrusted text={now.decided_by} />, <AgoAndTime at={now.decided_at} />.
        </strong>{" "}
        Your decision was not applied; the valid one is below.
      </p>
    );
  }
  if (error.code === "conflict" && now.status === "pending" && error.body["view"] !== undefined) {
    return (
      <p>
        <strong>The request would now do something else than you were shown.</strong> Nothing was decided.
        Read what is shown now, then decide.
      </p>
    );
  }
  return (
    <>
      <UntrustedBlock text={error.message} />
      {error.body.fields.length > 1 && (
        <ul>
          {error.body.fields.map(({ path, message }) => (
            <li key={path}>
              <Untrusted text={`${path}: ${message}`} />
            </li>
          ))}
        </ul>
      )}
      {error.body.hint && <UntrustedBlock text={forPeople(error.body.hint)} />}
    </>
  );
}

const Asked = ({ authorization }: { authorization: AuthorizationView }) => {
  const { action, title, reason, requested_by, created_at, expires_at, job_id, status } = authorization;
  const { record } = splitTitle(title);
  return (
    <dl class="facts">
      {record !== null && (
        <Item name={subjectName(action)}>
          <strong>
            <Untrusted text={record} />
          </strong>
        </Item>
      )}
      <Item name="Action">
        <code>{action}</code>
      </Item>
      <Item name="Requested by">
        <Requester of={requested_by} />, <AgoAndTime at={created_at} />
      </Item>
      <Item name="Reason">
        <UntrustedBlock text={reason} />
      </Item>
      {status === "pending" && (
        <Item name="Expires">
          <AgoAndTime at={expires_at} />
        </Item>
      )}
      <Item name="Job">
        <a href={jobPath(job_id)}>{job_id}</a>, <a href={link("/audit", { job: job_id })}>in the audit</a>
      </Item>
    </dl>
  );
};

const Facts = ({ facts, open }: { facts: AuthorizationView["facts"]; open: boolean }) =>
  Object.keys(facts).length === 0 ? null : (
    <section aria-labelledby="facts">
      <h2 id="facts">{open ? "Why you are asked" : "Why a person was asked"}</h2>
      <p class="quiet">Read from the records, not from the model.</p>
      <Fields of={facts} />
    </section>
  );

/** The decision, or why there is none. */
function Verdict({ authorization }: { authorization: AuthorizationView }) {
  const { status, decided_by, decided_at, upgrade_permission, superseded_by, changed_by, expires_at } =
    authorization;
  const verdict = status === "denied" ? "Denied" : `Allowed ${upgrade_permission ? "always" : "once"}`;
  return (
    <>
      {decided_by && decided_at && (
        <p>
          <strong>{verdict}</strong> by <Untrusted text={decided_by} />, <AgoAndTime at={decided_at} />.
        </p>
      )}
      {status === "expired" && (
        <p>
          Nobody decided in time. It expired <AgoAndTime at={expires_at} />.
        </p>
      )}
      {status === "withdrawn" && <p>The requester withdrew it before a decision.</p>}
      {status === "superseded" && (
        <p>
          {changed_by ? (
            <>
              <Untrusted text={changed_by} /> changed the request.
            </>
          ) : (
            "The records changed, so the request would have done something else than was shown here. Nothing was changed."
          )}{" "}
          {superseded_by && <a href={authorizationPath(superseded_by)}>See the request that replaced it</a>}
        </p>
      )}
    </>
  );
}

function Outcome({ authorization, job }: { authorization: AuthorizationView; job: JobView | null }) {
  return (
    <section class="panel outcome" aria-labelledby="outcome">
      <h2 id="outcome">Result</h2>
      <Verdict authorization={authorization} />
      {authorization.note && (
        <div class="note-shown">
          <p class="quiet">Note to the model:</p>
          <UntrustedBlock text={authorization.note} />
        </div>
      )}
      {job && (
        <div>
          <p>
            <a href={jobPath(job.job_id)}>The job</a>: <JobBadge status={job.status} /> {jobWords(job)}
          </p>
          {job.error && <UntrustedBlock text={job.error.message} />}
        </div>
      )}
    </section>
  );
}

export interface AuthorizationPage extends Frame {
  authorization: AuthorizationView;
  /** The job, once the authorization is decided. */
  job: JobView | null;
  /** Why the decision was not applied, and the form as it was filled in. */
  refused?: CrmError;
  filled?: DecisionFields;
  /** What can be changed in the request; left out where it cannot be. */
  fields?: readonly EditField[];
}

/** Allow, deny, or change it. */
function Deciding({ page }: { page: AuthorizationPage }) {
  const { authorization, session, refused, filled, fields } = page;
  const edited = filled !== undefined && isEdit(filled);
  return (
    <section class="deciding" aria-labelledby="decide">
      <h2 id="decide">Your decision</h2>
      <Decide authorization={authorization} session={session} {...(filled && !edited && { filled })} />
      {fields && mayDecide(session.principal) && (
        <EditForm {...{ authorization, session, fields }} refused={edited ? refused : undefined} />
      )}
    </section>
  );
}

export function renderAuthorization(page: AuthorizationPage): string {
  const { authorization, job, refused, ...frame } = page;
  const { heading } = splitTitle(authorization.title);
  const open = authorization.status === "pending";
  // The response to a refused POST cannot be reloaded with GET.
  const live = !refused && { live: `${authorization.id} ${authorization.job_id}` };
  const title = `${authorization.title} · Authorization`;
  return toHtml(
    <Layout title={title} frame={frame} here="/authorizations" {...live}>
      {refused && (
        <Notice>
          <Refused error={refused} now={authorization} />
        </Notice>
      )}
      <p class="crumb">
        <a href="/authorizations">Model Authorization Queue</a>
      </p>
      <div class="heading">
        <h1 class="title">
          <Untrusted text={heading} />
        </h1>
        <AuthorizationBadge status={authorization.status} />
      </div>
      {open && (
        <p class="crumb">
          <a href="#decide">To the decision</a>
        </p>
      )}
      {!open && <Outcome authorization={authorization} job={job} />}
      <Asked authorization={authorization} />
      <ModelWords text={authorization.reasoning} />
      <WhatWasEdited edited={authorization.edited} />
      <WhatMoved moved={authorization.moved} />
      <Facts facts={authorization.facts} open={open} />
      <WhatWillChange preview={authorization.preview} tense={open ? "will" : "was"} />
      {open && <Deciding page={page} />}
    </Layout>,
    frame,
  );
}
