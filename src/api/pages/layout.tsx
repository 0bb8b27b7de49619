import type { ComponentChildren, VNode } from "preact";
import { renderToString } from "preact-render-to-string";
import type { Principal } from "../../domain/core/principal.ts";
import { visible } from "../../domain/core/visible.ts";
import { Untrusted } from "./text.tsx";
import { type Setting, SettingContext } from "./time.tsx";

/** Who is signed in, as the sign-in leaves it on the response. */
export interface Session {
  principal: Principal;
  csrfToken: string;
}

/** What every page for a signed-in person needs. */
export interface Frame extends Setting {
  session: Session;
  /** How many authorizations wait; null where it is not known. */
  pending: number | null;
}

interface LayoutProps {
  title: string;
  session?: Session | undefined;
  pending?: number | null;
  here?: "authorizations" | "jobs" | "messages" | "rules" | "audit";
  /** What the page shows and keeps as it is now: ids, or types of events such as `job`. */
  live?: string;
  children: ComponentChildren;
}

export const Csrf = ({ session }: { session: Session }) => (
  <input type="hidden" name="_csrf" value={session.csrfToken} />
);

const Who = ({ session }: { session: Session }) => (
  <form class="who" method="post" action="/logout">
    <Csrf session={session} />
    <span>
      <Untrusted text={session.principal.name} /> <span class="quiet">({session.principal.kind})</span>
    </span>
    <button type="submit" class="plain">
      Sign out
    </button>
  </form>
);

function Header({ session, pending, here }: Pick<LayoutProps, "session" | "pending" | "here">) {
  const current = (page: string) => (page === here ? "page" : undefined);
  return (
    <header class="top">
      <a class="brand" href="/">
        <img src="/assets/favicon.svg" alt="" width="24" height="24" />
        Countersign
      </a>
      {session && (
        <nav aria-label="Main">
          <a href="/authorizations" aria-current={current("authorizations")}>
            Authorizations
            {!!pending && (
              <>
                {" "}
                <span class="count" aria-label={`${pending} pending`}>
                  {pending}
                </span>
              </>
            )}
          </a>
          <a href="/jobs" aria-current={current("jobs")}>
            Jobs
          </a>
          <a href="/messages" aria-current={current("messages")}>
            Messages
          </a>
          <a href="/rules" aria-current={current("rules")}>
            Rules
          </a>
          <a href="/audit" aria-current={current("audit")}>
            Audit
          </a>
          {session.principal.kind === "owner" && <a href="/admin/queues">Queues</a>}
        </nav>
      )}
      {session && <Who session={session} />}
    </header>
  );
}

export const Layout = ({ title, live, children, ...header }: LayoutProps) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>{`${visible(title).slice(0, 120).toWellFormed()} · Countersign`}</title>
      <link rel="stylesheet" href="/assets/countersign.css" />
      <link rel="icon" type="image/svg+xml" href="/assets/favicon.svg" />
      {header.session && <script type="module" src="/assets/live.js" />}
    </head>
    <body>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Header {...header} />
      <main id="main" data-live={live}>
        {children}
      </main>
    </body>
  </html>
);

/** A whole page as HTML. */
export const toHtml = (page: VNode, setting?: Setting): string =>
  `<!doctype html>${renderToString(
    setting ? <SettingContext.Provider value={setting}>{page}</SettingContext.Provider> : page,
  )}`;

export const Notice = ({ children }: { children: ComponentChildren }) => (
  <div class="notice" role="alert">
    {children}
  </div>
);
