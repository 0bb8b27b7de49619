import type { MessageStatus } from "../../entities/message.ts";
import { MESSAGE_STATUSES } from "../../entities/message.ts";
import type { List } from "../../domain/core/ports.ts";
import { type Frame, Layout, toHtml } from "./layout.tsx";
import { link, Pager, type Selection, StatusTabs } from "./lists.tsx";
import { MESSAGE_NAMES, MessageBadge } from "./status.tsx";
import { Untrusted, UntrustedBlock } from "./text.tsx";
import { Ago, AgoAndTime } from "./time.tsx";
import { Item } from "./values.tsx";

/** A message as the query shows it. */
export interface MessageLine {
  id: string;
  direction: "outbound" | "inbound";
  channel: string;
  customer: { id: string; name: string } | null;
  subject: string | null;
  body: string;
  to: string | null;
  status: MessageStatus;
  scheduled_for: Date | null;
  error: string | null;
  created_at: Date;
}

const CHANNEL_NAMES: Record<string, string> = { email: "E-mail", sms: "SMS", note: "Note" };
const PREVIEW = 140;

const Heading = ({ message: { direction, channel, customer, to } }: { message: MessageLine }) => (
  <>
    {CHANNEL_NAMES[channel] ?? channel} {direction === "outbound" ? "to" : "from"}{" "}
    <Untrusted text={customer?.name ?? "somebody"} />
    {to !== null && (
      <>
        {" "}
        <span class="quiet">
          <Untrusted text={to} />
        </span>
      </>
    )}
  </>
);

const Card = ({ message }: { message: MessageLine }) => {
  const { id, status, subject, body, error, scheduled_for, created_at } = message;
  return (
    <article class="card panel" aria-labelledby={id}>
      <header>
        <h2 id={id} class="plain">
          <Heading message={message} />
        </h2>
        <span class="quiet">
          <MessageBadge status={status} /> <Ago at={created_at.toISOString()} />
        </span>
      </header>
      {(error !== null || scheduled_for !== null) && (
        <dl class="facts">
          {scheduled_for !== null && status === "queued" && error === null && (
            <Item name="Goes out">
              <AgoAndTime at={scheduled_for.toISOString()} />
            </Item>
          )}
          {error !== null && (
            <Item name={status === "queued" ? "Last try" : "Why"}>
              <Untrusted text={error} />
            </Item>
          )}
        </dl>
      )}
      <details class="more">
        <summary>
          <Untrusted text={subject ?? body.slice(0, PREVIEW)} />
        </summary>
        <UntrustedBlock text={body} />
        <p>
          <a href={link("/audit", { entity: id })}>Its time line</a>
        </p>
      </details>
    </article>
  );
};

export interface MessagesPage extends Frame {
  list: List<MessageLine>;
  status: MessageStatus | undefined;
  selection: Selection;
}

export function renderMessages({ list, status, selection, ...frame }: MessagesPage): string {
  const { session, pending } = frame;
  const stays = list.items.some((message) => message.status === "not_sent");
  return toHtml(
    <Layout
      title="Messages"
      session={session}
      pending={pending}
      here="messages"
      live={list.items.map(({ id }) => id).join(" ")}
    >
      <div class="heading">
        <h1>Messages</h1>
      </div>
      <p class="quiet">What goes out to customers and came from them, newest first.</p>
      {stays && (
        <p class="notice">
          Messages marked <strong>NOT SENT</strong> stay here: their way out is not set up.{" "}
          <code>SMTP_URL</code> and <code>MAIL_FROM</code> are for e-mail, the <code>TWILIO_…</code> variables
          for SMS.
        </p>
      )}
      <StatusTabs
        path="/messages"
        names={[
          [undefined, "All"],
          ...MESSAGE_STATUSES.map((each): [MessageStatus, string] => [each, MESSAGE_NAMES[each]]),
        ]}
        current={status}
      />
      {list.items.length === 0 && (
        <p class="empty panel">{status ? "No message has this status." : "Nothing was written yet."}</p>
      )}
      {list.items.map((message) => (
        <Card key={message.id} message={message} />
      ))}
      <Pager path="/messages" selection={selection} nextCursor={list.next_cursor} />
      {session.principal.kind === "owner" && (
        <p class="quiet">
          Other programs can be told what becomes of requests: <a href="/settings/webhook">webhook</a>.
        </p>
      )}
    </Layout>,
    frame,
  );
}
