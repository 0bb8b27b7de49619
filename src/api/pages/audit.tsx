import type { AuditEntry, JobEntry, RefusedEntry } from "../../domain/audit/entry.ts";
import type { List } from "../../domain/core/ports.ts";
import { authorizationPath, Requester } from "./authorizations.tsx";
import { jobPath } from "./jobs.tsx";
import { type Frame, Layout, toHtml } from "./layout.tsx";
import { link, Pager, type Selection } from "./lists.tsx";
import { Changes, Counts } from "./preview.tsx";
import { AUTHORIZATION_NAMES, JobBadge } from "./status.tsx";
import { ModelWords, Untrusted, UntrustedBlock } from "./text.tsx";
import { Ago, AgoAndTime } from "./time.tsx";
import { Json, Item } from "./values.tsx";

const Actor = ({ actor, at }: Pick<AuditEntry, "actor" | "at">) => (
  <>
    <a href={link("/audit", { actor: actor.key })}>
      <Requester of={actor} />
    </a>
    , <AgoAndTime at={at} />
  </>
);

/** Who allowed it, or what each person who was asked said. */
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
      {authorizations.map(({ id, status, reason, decided_by, decided_at, note }) => (
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

/** Row by row; a record's own time line and a single job show them at once. */
export function WhatChanged({ entry, open }: { entry: JobEntry; open: boolean }) {
  const { changes, more_changes, job_id } = entry;
  if (changes.length === 0) return null;
  return (
    <>
      <Counts preview={{ changes, messages: [], money: [] }} tense="done" />
      <details class="more" open={open}>
        <summary>Before and after, row by row</summary>
        <Changes changes={changes} tense="done" />
      </details>
      {more_changes && (
        <p>
          <a href={link("/audit", { job: job_id })}>It changed more than that: see all of it</a>
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
      <Item name="Asked by">
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
      <summary>What was asked, as it was sent</summary>
      <Json value={entry.input} />
    </details>
  </article>
);

const RefusedCard = ({ entry: { event_id, actor, at, route, reason, ip } }: { entry: RefusedEntry }) => (
  <article class="card panel" aria-labelledby={`refused-${event_id}`}>
    <header>
      <h2 id={`refused-${event_id}`} class="plain">
        <code>
          <Untrusted text={route} />
        </code>
      </h2>
      <span class="quiet">
        <span class="badge bad">Refused at the door</span> <Ago at={at} />
      </span>
    </header>
    <dl class="facts">
      <Item name="Tried by">
        <Actor actor={actor} at={at} />
      </Item>
      <Item name="Refused">
        <Untrusted text={reason} />
      </Item>
      {ip !== null && (
        <Item name="From">
          <Untrusted text={ip} />
        </Item>
      )}
    </dl>
  </article>
);

const Search = ({ selection }: { selection: Selection }) => (
  <form method="get" action="/audit" class="search" role="search">
    <label>
      Record (its id)
      <input name="entity" placeholder="contact_…" value={selection.entity} />
    </label>
    <label>
      Who (name, e-mail or key)
      <input name="actor" placeholder="anybody" value={selection.actor} />
    </label>
    <button type="submit">Show</button>
  </form>
);

/** What a page is about, where it is about one thing. */
function Subject({ selection: { entity, job }, list }: Pick<AuditPage, "selection" | "list">) {
  const changes = list.items.flatMap((entry) => (entry.kind === "job" ? entry.changes : []));
  const label = changes.find(({ id }) => id === entity)?.label;
  if (entity !== undefined) {
    return (
      <p>
        Time line of{" "}
        {label && (
          <strong>
            <Untrusted text={label} />
          </strong>
        )}{" "}
        <span class="quiet">
          <Untrusted text={entity} />
        </span>
        : every job that changed it, newest first. <a href="/audit">Back to everything</a>
      </p>
    );
  }
  return job === undefined ? (
    <p class="quiet">
      Who asked for what, when and why, who allowed it, before and after; and what was refused.
    </p>
  ) : (
    <p>
      One job, whole. <a href="/audit">Back to everything</a>
    </p>
  );
}

export interface AuditPage extends Frame {
  list: List<AuditEntry>;
  selection: Selection;
}

export function renderAudit({ list, selection, ...frame }: AuditPage): string {
  const open = selection.entity !== undefined || selection.job !== undefined;
  return toHtml(
    <Layout title="Audit" session={frame.session} pending={frame.pending} here="audit">
      <div class="heading">
        <h1>Audit</h1>
      </div>
      <Subject selection={selection} list={list} />
      <Search selection={selection} />
      {list.items.length === 0 && <p class="empty panel">Nothing is kept that fits.</p>}
      {list.items.map((entry) =>
        entry.kind === "job" ? (
          <JobCard key={entry.job_id} entry={entry} open={open} />
        ) : (
          <RefusedCard key={entry.event_id} entry={entry} />
        ),
      )}
      <Pager path="/audit" selection={selection} nextCursor={list.next_cursor} />
    </Layout>,
    frame,
  );
}
