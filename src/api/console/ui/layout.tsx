import type { ComponentChildren, VNode } from "preact";
import { renderToString } from "preact-render-to-string";
import type { Principal } from "../../../domain/core/principal.ts";
import { showMarks } from "../../../domain/core/hidden-characters.ts";
import { Untrusted } from "./text.tsx";
import { type Setting, SettingContext } from "./time.tsx";

/** The signed-in user. */
export interface Session {
  id: string;
  principal: Principal;
  /** Whether the password was checked within the last 15 minutes. */
  recent: boolean;
  csrfToken: string;
}

/** A page in the main navigation. */
export interface NavigationEntry {
  title: string;
  href: string;
}

/** What every page for a signed-in person needs. */
export interface Frame extends Setting {
  session: Session;
  /** The pages that this person may open. */
  navigation: readonly NavigationEntry[];
  /** Number of pending authorizations; null where it is unknown. */
  pending: number | null;
}

type HeaderFrame = Pick<Frame, "session" | "navigation" | "pending">;

interface LayoutProps {
  title: string;
  /** Left out if no user is signed in. */
  frame?: HeaderFrame | undefined;
  /** The current page's entry in the navigation: `/jobs`. */
  here?: string;
  /** What the page shows and refreshes: ids, or types of events such as `job`. */
  live?: string;
  children: ComponentChildren;
}

export const Csrf = ({ session }: { session: Session }) => (
  <input type="hidden" name="_csrf" value={session.csrfToken} />
);

const Who = ({ session }: { session: Session }) => (
  <form class="who" method="post" action="/logout">
    <Csrf session={session} />
    <a href="/account">
      <Untrusted text={session.principal.name} /> <span class="quiet">({session.principal.kind})</span>
    </a>
    <button type="submit" class="plain">
      Sign out
    </button>
  </form>
);

/** The entry that shows the number of pending authorizations. */
const COUNTED = "/authorizations";

const Navigation = ({ frame: { navigation, pending }, here }: { frame: HeaderFrame; here?: string }) => (
  <nav aria-label="Main">
    {navigation.map(({ title, href }) => (
      <a key={href} href={href} aria-current={href === here ? "page" : undefined}>
        {title}
        {href === COUNTED && !!pending && (
          <>
            {" "}
            <span class="count" aria-label={`${pending} pending`}>
              {pending}
            </span>
          </>
        )}
      </a>
    ))}
  </nav>
);

const Header = ({ frame, here }: Pick<LayoutProps, "frame" | "here">) => (
  <header class="top">
    <a class="brand" href="/">
      <img src="/assets/favicon.svg" alt="" width="24" height="24" />
      Countersign
    </a>
    {frame && <Navigation frame={frame} here={here} />}
    {frame && <Who session={frame.session} />}
  </header>
);

export const Layout = ({ title, live, children, ...header }: LayoutProps) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>{`${showMarks(title).slice(0, 120).toWellFormed()} · Countersign`}</title>
      <link rel="stylesheet" href="/assets/countersign.css" />
      <link rel="icon" type="image/svg+xml" href="/assets/favicon.svg" />
      {header.frame && <script type="module" src="/assets/live.js" />}
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
