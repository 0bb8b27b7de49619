import type { AuditEntry, JobEntry, RefusedEntry, RuleEntry } from "../../../domain/engine/audit/entry.ts";
import type { RuleView } from "../../../domain/engine/authorization/rules.ts";
import { authorizationPath, Requester } from "../authorizations/list.tsx";
import { jobPath } from "../jobs/list.tsx";
import { link } from "../ui/lists.tsx";
import { Changes, Counts, countsOf } from "../ui/preview.tsx";
import { AUTHORIZATION_NAMES, JobBadge } from "../ui/status.tsx";
import { ModelWords, Untrusted, UntrustedBlock } from "../ui/text.tsx";
import { Ago, AgoAndTime } from "../ui/time.tsx";
import { Fields, Item, Json } from "../ui/values.tsx";

const Actor = ({ actor, at }: Pick<AuditEntry, "actor" | "at">) => (
  <>
    <a href={link("/audit", { actor: actor.key })}>
      <Requester of={actor} />
    </a>
    , <AgoAndTime at={at} />
  </>
);

/** Who allowed the job, or the decision of each person who was asked. */
function Allowed({ entry: { allowed_by, authorizations } }: { entry: JobEntry }) {
  return (
    <>
      {allowed_by && (
        <Item name="Allowed by">
          {allowed_by.by === "rule" ? (
            <a href="/rules">
              <Untrusted text={allowed_by.words} />
            </a>
          ) : (
            <Untrusted text={allowed_by.words} />
          )}
        </Item>
      )}
      {authorizations.map(({ id, status, reason, decided_by, decided_at, note, edited }) => (
        <Item name="Asked a person" key={id}>
          <a href={authorizationPath(id)}>
            <Untrusted text={reason} />
          </a>
          : {AUTHORIZATION_NAMES[status]}
          {decided_by && decided_at && (
            <>
              {" "}
              by <Untrusted text={decided_by} />, <AgoAndTime at={decided_at} />
            </>
          )}
          {note && (
            <div class="note-shown">
              <UntrustedBlock text={note} />
            </div>
          )}
          {edited && (
            <details class="more">
              <summary>
                The request as <Untrusted text={edited.by} /> changed it
              </summary>
              <Json value={edited.data} />
            </details>
          )}
        </Item>
      ))}
    </>
  );
}

const Reasoning = ({ entry: { actor, reasoning } }: { entry: JobEntry }) =>
  reasoning === null ? null : actor.kind === "agent" ? (
    <ModelWords text={reasoning} />
  ) : (
    <div class="note-shown">
      <p class="quiet">Why, in their own words:</p>
      <UntrustedBlock text={reasoning} />
    </div>
  );

/** The changes row by row; unfolded on the page of a record or a single job. */
export function WhatChanged({ entry, open }: { entry: JobEntry; open: boolean }) {
  const { changes, more_changes, job_id } = entry;
  if (changes.length === 0) return null;
  return (
    <>
      <Counts of={countsOf({ changes, messages: [], money: [] })} tense="done" />
      <details class="more" open={open}>
        <summary>Before and after, row by row</summary>
        <Changes changes={changes} tense="done" />
      </details>
      {more_changes && (
        <p>
          <a href={link("/audit", { job: job_id })}>Show all changes</a>
        </p>
      )}
    </>
  );
}

const JobCard = ({ entry, open }: { entry: JobEntry; open: boolean }) => (
  <article class="card panel" aria-labelledby={entry.job_id}>
    <header>
      <h2 id={entry.job_id} class="plain">
        <a href={jobPath(entry.job_id)}>
          <code>{entry.action}</code>
        </a>
      </h2>
      <span class="quiet">
        {entry.dry_run && <span class="badge over">Dry run</span>} <JobBadge status={entry.status} />{" "}
        <Ago at={entry.at} />
      </span>
    </header>
    <dl class="facts">
      <Item name="Requested by">
        <Actor actor={entry.actor} at={entry.at} />
      </Item>
      <Allowed entry={entry} />
      {entry.error && (
        <Item name="Refused">
          <UntrustedBlock text={entry.error.message} />
        </Item>
      )}
    </dl>
    <Reasoning entry={entry} />
    <WhatChanged entry={entry} open={open} />
    <details class="more">
      <summary>The request as it was sent</summary>
      <Json value={entry.input} />
    </details>
  </article>
);

const RefusedCard = ({
  entry: { event_id, actor, at, route, reason, ip, attempts },
}: {
  entry: RefusedEntry;
}) => (
  <article class="card panel" aria-labelledby={`refused-${event_id}`}>
    <header>
      <h2 id={`refused-${event_id}`} class="plain">
        <code>
          <Untrusted text={route} />
        </code>
      </h2>
      <span class="quiet">
        <span class="badge bad">Refused</span> <Ago at={at} />
      </span>
    </header>
    <dl class="facts">
      <Item name="Attempted by">
        <Actor actor={actor} at={at} />
      </Item>
      <Item name="Refused">
        <Untrusted text={reason} />
        {attempts > 1 && ` (${attempts} attempts in one minute)`}
      </Item>
      {ip !== null && (
        <Item name="From">
          <Untrusted text={ip} />
        </Item>
      )}
    </dl>
  </article>
);

const Scope = ({ scope }: Pick<RuleView, "scope">) =>
  Object.keys(scope).length > 0 ? <Fields of={{ ...scope }} /> : <>no limit</>;

const RuleCard = ({
  entry: { change_id, actor, at, rule_id, action, agent, before, after, reason },
}: {
  entry: RuleEntry;
}) => (
  <article class="card panel" aria-labelledby={`rule-${change_id}`}>
    <header>
      <h2 id={`rule-${change_id}`} class="plain">
        <a href={`/rules#${rule_id}`}>
          A rule for <code>{action}</code>
        </a>
      </h2>
      <span class="quiet">
        <span class="badge over">{after ? "Narrowed" : "Revoked"}</span> <Ago at={at} />
      </span>
    </header>
    <dl class="facts">
      <Item name="Done by">
        <Actor actor={actor} at={at} />
      </Item>
      <Item name="For">
        <Untrusted text={agent} />
      </Item>
      <Item name="Before">
        <Scope scope={before} />
      </Item>
      <Item name="After">{after ? <Scope scope={after} /> : "it allows nothing any more"}</Item>
      {reason !== null && (
        <Item name="Because">
          <Untrusted text={reason} />
        </Item>
      )}
    </dl>
  </article>
);

/** One audit entry; `open` unfolds the changes of a job. */
export function AuditCard({ entry, open }: { entry: AuditEntry; open: boolean }) {
  if (entry.kind === "job") return <JobCard entry={entry} open={open} />;
  return entry.kind === "rule" ? <RuleCard entry={entry} /> : <RefusedCard entry={entry} />;
}
