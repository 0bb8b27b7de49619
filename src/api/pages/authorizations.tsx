import { AUTHORIZATION_STATUSES, type AuthorizationStatus } from "../../entities/authorization.ts";
import { mayDecide } from "../../domain/core/principal.ts";
import type { AuthorizationView, List } from "../../domain/core/ports.ts";
import { Decide } from "./decision.tsx";
import { type Frame, Layout, type Session, toHtml } from "./layout.tsx";
import { Pager, type Selection, StatusTabs } from "./lists.tsx";
import { Counts } from "./preview.tsx";
import { AUTHORIZATION_NAMES, AuthorizationBadge } from "./status.tsx";
import { ModelWords, Untrusted } from "./text.tsx";
import { Ago, AgoAndTime } from "./time.tsx";
import { fieldName } from "./values.tsx";

export const authorizationPath = (id: string): string => `/authorizations/${encodeURIComponent(id)}`;

/** `Delete customer: Johnson Family` → what is asked, and of whom. */
export function splitTitle(title: string): { heading: string; record: string | null } {
  const at = title.indexOf(": ");
  return at < 0
    ? { heading: title, record: null }
    : { heading: title.slice(0, at), record: title.slice(at + 2) };
}

/** `contact.delete` → `Customer`; the trade's word for a contact. */
export function subjectName(action: string): string {
  const domain = action.split(".")[0] ?? action;
  return domain === "contact" ? "Customer" : fieldName(domain);
}

/** `Office manager (agent)` */
export const Requester = ({ of: { name, kind } }: { of: AuthorizationView["requested_by"] }) => (
  <>
    <Untrusted text={name} /> <span class="quiet">({kind})</span>
  </>
);

function Card({ authorization, session }: { authorization: AuthorizationView; session: Session }) {
  const { id, action, title, status, reason, reasoning, requested_by, created_at, expires_at } =
    authorization;
  const { heading, record } = splitTitle(title);
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
          <dt>Asked by:</dt>
          <dd>
            <Requester of={requested_by} />
          </dd>
        </div>
        {pending && (
          <div>
            <dt>Expires:</dt>
            <dd>
              <AgoAndTime at={expires_at} />
            </dd>
          </div>
        )}
      </dl>
      {pending && <Counts preview={authorization.preview} tense="will" />}
      <ModelWords text={reasoning} />
      {pending && mayDecide(session.principal) && (
        <Decide authorization={authorization} session={session} brief />
      )}
      <p class="foot">
        <a href={authorizationPath(id)}>
          {pending ? "See everything that will change" : "See what it was about"}
        </a>
      </p>
    </article>
  );
}

const Empty = ({ status }: { status: AuthorizationStatus }) =>
  status === "pending" ? (
    <div class="empty panel">
      <h2>Nothing waits for you</h2>
      <p>
        The model runs the office by itself. What could do real damage, such as deleting a customer with
        history, stops here first and shows you what it would change.
      </p>
      <p>
        It happens only after you allow it: once, or always. What you deny, or leave until it expires, never
        happens.
      </p>
    </div>
  ) : (
    <p class="empty panel">No authorization is {AUTHORIZATION_NAMES[status].toLowerCase()}.</p>
  );

export interface AuthorizationsPage extends Frame {
  list: List<AuthorizationView>;
  status: AuthorizationStatus;
  selection: Selection;
}

export function renderAuthorizations({ list, status, selection, ...frame }: AuthorizationsPage): string {
  const { session, pending } = frame;
  return toHtml(
    <Layout
      title="Authorizations"
      session={session}
      pending={pending}
      here="authorizations"
      live="authorization"
    >
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
