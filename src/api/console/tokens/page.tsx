import type { TokenView } from "../../../identity/tokens.ts";
import { Csrf, type Frame, Layout, type Session, toHtml } from "../ui/layout.tsx";
import { Untrusted } from "../ui/text.tsx";
import { Ago, AgoAndTime } from "../ui/time.tsx";
import { Item } from "../ui/values.tsx";

export interface TokensPage extends Frame {
  tokens: TokenView[];
}

const BADGES = {
  live: { name: "Live", style: "good" },
  expired: { name: "Expired", style: "over" },
  revoked: { name: "Revoked", style: "over" },
} as const;

function Facts({ token }: { token: TokenView }) {
  const { created_at, last_used_at, expires_at, revoked_at } = token;
  return (
    <dl class="facts">
      <Item name="Created">
        <AgoAndTime at={created_at} />
      </Item>
      <Item name="Last used">{last_used_at ? <AgoAndTime at={last_used_at} /> : "never"}</Item>
      <Item name={token.status === "expired" ? "Expired" : "Expires"}>
        {expires_at ? <AgoAndTime at={expires_at} /> : "never"}
      </Item>
      {revoked_at && (
        <Item name="Revoked">
          <AgoAndTime at={revoked_at} />
        </Item>
      )}
    </dl>
  );
}

/** The confirmation is part of the page, so that it needs no script. */
const Revoke = ({ token, session }: { token: TokenView; session: Session }) => (
  <details>
    <summary class="button">Revoke…</summary>
    <form method="post" action={`/tokens/${encodeURIComponent(token.id)}/revoke`} class="stack panel">
      <Csrf session={session} />
      <p>
        From now on every request with this token is refused. This cannot be undone: the agent needs a new
        token.
      </p>
      <button type="submit" class="refuse">
        <span>
          Revoke <Untrusted text={token.name} />
        </span>
      </button>
    </form>
  </details>
);

const Card = ({ token, session }: { token: TokenView; session: Session }) => (
  <article class="card panel" aria-labelledby={token.id}>
    <header>
      <h2 id={token.id} class="plain">
        <Untrusted text={token.name} />
      </h2>
      <span class={`badge ${BADGES[token.status].style}`}>{BADGES[token.status].name}</span>
    </header>
    <Facts token={token} />
    {token.status !== "revoked" && (
      <div class="acts">
        <Revoke token={token} session={session} />
      </div>
    )}
  </article>
);

/** Tokens that no longer work, in one line each. */
const Over = ({ tokens }: { tokens: TokenView[] }) => (
  <ul class="rows panel">
    {tokens.map(({ id, name, revoked_at }) => (
      <li key={id}>
        <span>
          <Untrusted text={name} /> <span class="badge over">Revoked</span>{" "}
          {revoked_at && <Ago at={revoked_at} />}
        </span>
      </li>
    ))}
  </ul>
);

export function renderTokens({ tokens, ...frame }: TokensPage): string {
  const revoked = tokens.filter(({ status }) => status === "revoked");
  const others = tokens.filter(({ status }) => status !== "revoked");
  return toHtml(
    <Layout title="Tokens" frame={frame} here="/tokens">
      <div class="heading">
        <h1>Agent tokens</h1>
      </div>
      <p class="quiet">
        With a token an agent reads and requests; it can decide nothing. Give each agent its own, on the
        server: <code>npx countersign token create --name "Night shift" --expires 90d</code>
      </p>
      {others.length === 0 && <p class="empty panel">No token works: no agent can sign in.</p>}
      {others.map((token) => (
        <Card key={token.id} token={token} session={frame.session} />
      ))}
      {revoked.length > 0 && (
        <section aria-labelledby="revoked">
          <h2 id="revoked">Revoked</h2>
          <Over tokens={revoked} />
        </section>
      )}
    </Layout>,
    frame,
  );
}
