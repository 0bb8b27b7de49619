import { AUTHORIZATION_STATUSES, type AuthorizationStatus } from "../../../entities/authorization.ts";
import { mayDecide } from "../../../domain/core/principal.ts";
import type { AuthorizationSummary } from "../../../domain/engine/authorization/view.ts";
import type { List } from "../../../domain/query/list.ts";
import { Decide } from "./decision.tsx";
import { splitTitle, subjectName } from "./title.ts";
import { type Frame, Layout, type Session, toHtml } from "../ui/layout.tsx";
import { Pager, type Selection, StatusTabs } from "../ui/lists.tsx";
import { Counts } from "../ui/preview.tsx";
import { AUTHORIZATION_NAMES, AuthorizationBadge } from "../ui/status.tsx";
import { ModelWords, Untrusted } from "../ui/text.tsx";
import { Ago, AgoAndTime } from "../ui/time.tsx";

export const authorizationPath = (id: string): string => `/authorizations/${encodeURIComponent(id)}`;

/** `Office manager (agent)` */
export const Requester = ({ of: { name, kind } }: { of: AuthorizationSummary["requested_by"] }) => (
  <>
    <Untrusted text={name} /> <span class="quiet">({kind})</span>
  </>
);

function Facts({ authorization }: { authorization: AuthorizationSummary }) {
  const { action, title, status, reason, requested_by, expires_at } = authorization;
  const { record } = splitTitle(title);
  return (
    <dl class="facts">
      {record !== null && (
        <div>
          <dt>{subjectName(action)}:</dt>
          <dd>
            <strong>
              <Untrusted text={record} />
            </strong>
          </dd>
        </div>
      )}
      <div>
        <dt>Reason:</dt>
        <dd>
          <Untrusted text={reason} />
        </dd>
      </div>
      <div>
        <dt>Requested by:</dt>
        <dd>
          <Requester of={requested_by} />
        </dd>
      </div>
      {status === "pending" && (
        <div>
          <dt>Expires:</dt>
          <dd>
            <AgoAndTime at={expires_at} />
          </dd>
        </div>
      )}
    </dl>
  );
}

function Card({ authorization, session }: { authorization: AuthorizationSummary; session: Session }) {
  const { id, title, status, reasoning, created_at } = authorization;
  const { heading } = splitTitle(title);
  const pending = status === "pending";
  return (
    <article class="card panel" aria-labelledby={id}>
      <header>
        <h2 id={id}>
          <a href={authorizationPath(id)}>
            <Untrusted text={heading} />
          </a>
        </h2>
        <span class="quiet">
          {!pending && <AuthorizationBadge status={status} />} <Ago at={created_at} />
        </span>
      </header>
      <Facts authorization={authorization} />
      {pending && <Counts of={authorization.preview} tense="will" />}
      <ModelWords text={reasoning} />
      {pending && mayDecide(session.principal) && (
        <Decide authorization={authorization} session={session} brief />
      )}
      <p class="foot">
        <a href={authorizationPath(id)}>
          {pending ? "See everything that will change" : "See what it would have changed"}
        </a>
      </p>
    </article>
  );
}

const Empty = ({ status }: { status: AuthorizationStatus }) =>
  status === "pending" ? (
    <div class="empty panel">
      <h2>No request waits for you</h2>
      <p>
        The model runs the office by itself. A risky request, such as deleting a customer with history, waits
        here and shows you what it would change.
      </p>
      <p>
        It runs only after you allow it, once or always. A request that you deny or leave until it expires
        never runs.
      </p>
    </div>
  ) : (
    <p class="empty panel">No authorization is {AUTHORIZATION_NAMES[status].toLowerCase()}.</p>
  );

export interface AuthorizationsPage extends Frame {
  list: List<AuthorizationSummary>;
  status: AuthorizationStatus;
  selection: Selection;
}

export function renderAuthorizations({ list, status, selection, ...frame }: AuthorizationsPage): string {
  const { session, pending } = frame;
  return toHtml(
    <Layout title="Authorizations" frame={frame} here="/authorizations" live="authorization">
      <div class="heading">
        <h1>Model Authorization Queue</h1>
        {pending !== null && <span class="badge open">{pending} pending</span>}
      </div>
      <StatusTabs
        path="/authorizations"
        names={AUTHORIZATION_STATUSES.map((each) => [each, AUTHORIZATION_NAMES[each]])}
        current={status}
      />
      {list.items.length === 0 && <Empty status={status} />}
      {list.items.map((authorization) => (
        <Card key={authorization.id} authorization={authorization} session={session} />
      ))}
      <Pager path="/authorizations" selection={selection} nextCursor={list.next_cursor} />
    </Layout>,
    frame,
  );
}
