import { MESSAGE_STATUSES, type MessageStatus } from "../../../entities/message.ts";
import type { contacts } from "../../../domain/contact/type.ts";
import type { messages } from "../../../domain/message/type.ts";
import type { List } from "../../../domain/query/list.ts";
import type { RowWith } from "../../../domain/query/typed-list.ts";
import { type Frame, Layout, toHtml } from "../ui/layout.tsx";
import { link, Pager, type Selection, StatusTabs } from "../ui/lists.tsx";
import { MESSAGE_NAMES, MessageBadge } from "../ui/status.tsx";
import { Untrusted, UntrustedBlock } from "../ui/text.tsx";
import { Ago, AgoAndTime } from "../ui/time.tsx";
import { Item } from "../ui/values.tsx";

export type MessageLine = RowWith<typeof messages, { customer: typeof contacts }>;

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
  const { id, status, subject, body, error, scheduled_for, attachments, created_at } = message;
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
            <Item name="Scheduled for">
              <AgoAndTime at={scheduled_for.toISOString()} />
            </Item>
          )}
          {error !== null && (
            <Item name={status === "queued" ? "Last attempt" : "Why"}>
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
        {attachments.length > 0 && (
          <p class="quiet">
            {attachments.length === 1 ? "Attachment" : "Attachments"}:{" "}
            <Untrusted text={attachments.map(({ name }) => name).join(", ")} />
          </p>
        )}
        <p>
          <a href={link("/audit", { entity: id })}>Its history</a>
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
  const { session } = frame;
  const stays = list.items.some((message) => message.status === "not_sent");
  return toHtml(
    <Layout title="Messages" frame={frame} here="/messages" live={list.items.map(({ id }) => id).join(" ")}>
      <div class="heading">
        <h1>Messages</h1>
      </div>
      <p class="quiet">Messages to and from customers, newest first.</p>
      {stays && (
        <p class="notice">
          Messages marked <strong>NOT SENT</strong> stay here because their channel is not configured. Set{" "}
          <code>SMTP_URL</code> and <code>MAIL_FROM</code> for e-mail, and the <code>TWILIO_…</code> variables
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
        <p class="empty panel">{status ? "No message has this status." : "There are no messages yet."}</p>
      )}
      {list.items.map((message) => (
        <Card key={message.id} message={message} />
      ))}
      <Pager path="/messages" selection={selection} nextCursor={list.next_cursor} />
      {session.principal.kind === "owner" && (
        <p class="quiet">
          A <a href="/settings/webhook">webhook</a> notifies other programs of finished jobs and
          authorizations.
        </p>
      )}
    </Layout>,
    frame,
  );
}
