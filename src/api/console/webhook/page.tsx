import type { CrmError } from "../../../domain/core/errors.ts";
import type { WebhookView } from "../../../crm/webhook-endpoint.ts";
import { Csrf, type Frame, Layout, Notice, toHtml } from "../ui/layout.tsx";
import { DeliveryBadge } from "../ui/status.tsx";
import { Untrusted, UntrustedBlock } from "../ui/text.tsx";
import { Ago, AgoAndTime } from "../ui/time.tsx";

export interface WebhookPage extends Frame {
  webhook: WebhookView;
  /** The error, and the URL as it was filled in. */
  refused?: CrmError;
  url?: string;
}

const Form = ({ session, webhook, url }: Pick<WebhookPage, "session" | "webhook"> & { url: string }) => (
  <form method="post" action="/settings/webhook" class="panel stacked">
    <Csrf session={session} />
    <label>
      URL
      <input name="url" type="url" required placeholder="https://example.com/hook" value={url} />
    </label>
    <label>
      Secret {webhook.url !== null && <span class="quiet">(leave empty to keep the current one)</span>}
      <input
        name="secret"
        type="password"
        autocomplete="off"
        placeholder="whsec_…"
        required={webhook.url === null}
      />
    </label>
    <label class="check">
      <input name="allow_private" type="checkbox" checked={webhook.allow_private} /> The URL may be in a
      private network
    </label>
    <button type="submit">Save</button>
  </form>
);

const Deliveries = ({ deliveries }: Pick<WebhookView, "deliveries">) => (
  <section aria-labelledby="deliveries">
    <h2 id="deliveries">Latest deliveries</h2>
    {deliveries.length === 0 && <p class="quiet">Nothing yet.</p>}
    <ul class="rows panel">
      {deliveries.map(({ id, status, error, created_at }) => (
        <li key={id}>
          <span>
            <code>{id}</code> <DeliveryBadge status={status} /> <Ago at={created_at.toISOString()} />{" "}
            {error && <Untrusted text={error} />}
          </span>
        </li>
      ))}
    </ul>
  </section>
);

export function renderWebhook({ webhook, refused, url, ...frame }: WebhookPage): string {
  const { session } = frame;
  return toHtml(
    <Layout title="Webhook" frame={frame} here="/messages">
      {refused && (
        <Notice>
          <UntrustedBlock text={refused.message} />
        </Notice>
      )}
      <p class="crumb">
        <a href="/messages">Messages</a>
      </p>
      <div class="heading">
        <h1>Webhook</h1>
      </div>
      <p class="quiet">
        A signed POST (Standard Webhooks) for each finished job and each authorization, tried again until it
        is taken. A model cannot set it.
      </p>
      {webhook.updated_at !== null && (
        <p>
          Set <AgoAndTime at={webhook.updated_at} />.
        </p>
      )}
      <Form session={session} webhook={webhook} url={url ?? webhook.url ?? ""} />
      {webhook.url !== null && (
        <form method="post" action="/settings/webhook">
          <Csrf session={session} />
          <button type="submit" name="remove" value="yes" class="plain">
            Remove the webhook
          </button>
        </form>
      )}
      <Deliveries deliveries={webhook.deliveries} />
    </Layout>,
    frame,
  );
}
