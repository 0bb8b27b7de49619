import type { SessionView } from "../../../identity/sessions.ts";
import { Csrf, type Frame, Layout, type Session, toHtml } from "../ui/layout.tsx";
import { Untrusted } from "../ui/text.tsx";
import { AgoAndTime } from "../ui/time.tsx";
import { Item } from "../ui/values.tsx";

export interface AccountPage extends Frame {
  email: string;
  sessions: SessionView[];
}

/** The first that fits; browsers name their ancestors too. */
const BROWSERS: readonly [string, RegExp][] = [
  ["Edge", /\bEdg/],
  ["Opera", /\bOPR\//],
  ["Firefox", /\b(Firefox|FxiOS)\//],
  ["Chrome", /\b(Chrome|CriOS|HeadlessChrome)\//],
  ["Safari", /\bSafari\//],
];
const SYSTEMS: readonly [string, RegExp][] = [
  ["Android", /\bAndroid\b/],
  ["iOS", /\b(iPhone|iPad)\b/],
  ["Windows", /\bWindows\b/],
  ["macOS", /\bMac OS X\b/],
  ["Linux", /\bLinux\b/],
];

/** `Firefox on Windows` */
export function browserName(userAgent: string | null): string {
  const nameIn = (names: typeof BROWSERS) => names.find(([, pattern]) => pattern.test(userAgent ?? ""))?.[0];
  const [browser, system] = [nameIn(BROWSERS), nameIn(SYSTEMS)];
  if (!browser) return "A program or an unknown browser";
  return system ? `${browser} on ${system}` : browser;
}

const End = ({ id, session }: { id: string; session: Session }) => (
  <div class="acts">
    <form method="post" action={`/account/sessions/${encodeURIComponent(id)}/end`}>
      <Csrf session={session} />
      <button type="submit" class="refuse">
        End this session
      </button>
    </form>
  </div>
);

function Card({ shown, session }: { shown: SessionView; session: Session }) {
  const { id, ip, created_at, last_seen_at, user_agent } = shown;
  const here = id === session.id;
  return (
    <article class="card panel" aria-labelledby={id}>
      <header>
        <h2 id={id} class="plain">
          {browserName(user_agent)}
        </h2>
        {here && <span class="badge good">This session</span>}
      </header>
      <dl class="facts">
        <Item name="Signed in">
          <AgoAndTime at={created_at.toISOString()} />
        </Item>
        <Item name="Last used">
          <AgoAndTime at={last_seen_at.toISOString()} />
        </Item>
        <Item name="From">{ip === null ? "unknown" : <Untrusted text={ip} />}</Item>
      </dl>
      {!here && <End id={id} session={session} />}
    </article>
  );
}

export function renderAccount({ email, sessions, ...frame }: AccountPage): string {
  const { session } = frame;
  const inOrder = [...sessions].sort(
    (one, other) => Number(other.id === session.id) - Number(one.id === session.id),
  );
  return toHtml(
    <Layout title="Your account" frame={frame} here="/account">
      <div class="heading">
        <h1>Your account</h1>
      </div>
      <p>
        <Untrusted text={session.principal.name} />, <Untrusted text={email} />{" "}
        <span class="quiet">({session.principal.kind})</span>
      </p>
      <div class="heading">
        <h2>Where you are signed in</h2>
        {sessions.length > 1 && (
          <form method="post" action="/account/sessions/end-others">
            <Csrf session={session} />
            <button type="submit" class="refuse">
              End all other sessions
            </button>
          </form>
        )}
      </div>
      <p class="quiet">
        A session ends 7 days after the sign-in, or after 24 hours without use. End those that you do not
        know, and ask an owner for a link to choose another password.
      </p>
      {inOrder.map((shown) => (
        <Card key={shown.id} shown={shown} session={session} />
      ))}
    </Layout>,
    frame,
  );
}
