import type { Request, RequestHandler, Response } from "express";
import type { DataSource } from "typeorm";
import { CrmError } from "../../domain/core/errors.ts";
import type { Principal } from "../../domain/core/principal.ts";
import { csrfOf, findSession, type LiveSession } from "../../identity/sessions.ts";
import { makeAgentLookup } from "../../identity/tokens.ts";
import type { Match } from "../route-table.ts";
import { cookie, SESSION_COOKIE } from "./cookies.ts";

/** A person who has signed in. */
export interface SignedIn {
  /** Id of the session. */
  id: string;
  principal: Principal;
  email: string;
  /** Whether the password was checked within the last 15 minutes. */
  recent: boolean;
  /** Belongs to this session; requests that change something must send it. */
  csrfToken: string;
}

/** What identifies the caller, and how to ask whether it still does. */
interface Credential {
  /** Id of the token or session. */
  id: string;
  /** Time until a token expires; null: it does not, or it is a session. */
  endsInMs: number | null;
  isAlive(): Promise<boolean>;
}

/** What the first middleware stores on the response for everything after it. */
export interface Locals {
  /** Aborts when the caller hangs up before the answer. */
  hungUp?: AbortSignal;
  match?: Match;
  principal?: Principal;
  /** Set for people only. */
  session?: SignedIn;
  credential?: Credential;
  /** An Authorization header was sent, and its token is unknown, expired or revoked. */
  badToken?: boolean;
}

export const locals = (response: Response): Locals => response.locals;

/** What the route table knows about this request; the app's first middleware stores it. */
export function matchOf(response: Response): Match {
  const { match } = locals(response);
  if (!match) throw new Error("the request was not matched against the route table");
  return match;
}

/** Identifies the caller. With an Authorization header, cookies are ignored. */
export function identify(db: DataSource, now: () => Date): RequestHandler {
  const agentOf = makeAgentLookup(db);
  return async (request, response, next) => {
    const caller = locals(response);
    const { authorization } = request.headers;
    const sessionToken = cookie(request, SESSION_COOKIE);
    if (authorization !== undefined) {
      const find = () => agentOf(authorization, now());
      const agent = await find();
      if (agent) {
        const { principal, endsInMs } = agent;
        caller.principal = principal;
        caller.credential = { id: principal.id, endsInMs, isAlive: async () => (await find()) !== null };
      } else caller.badToken = true;
    } else if (sessionToken) {
      const find = (used: boolean) => findSession(db, sessionToken, { used });
      const session = await find(!isBackground(request));
      if (session) {
        caller.session = signedIn(session, sessionToken);
        caller.principal = caller.session.principal;
        caller.credential = {
          id: session.id,
          endsInMs: null,
          isAlive: async () => (await find(false)) !== null,
        };
      }
    }
    next();
  };
}

const signedIn = ({ id, recent, user }: LiveSession, token: string): SignedIn => ({
  id,
  principal: { kind: user.role, id: user.id, name: user.name },
  email: user.email,
  recent,
  csrfToken: csrfOf(token),
});

/** Requests that an open page makes by itself: live.js sends the header, event streams cannot. */
const isBackground = (request: Request): boolean =>
  request.headers["x-background"] !== undefined || request.headers.accept === "text/event-stream";

export function unauthenticated(badToken = false): CrmError {
  return new CrmError(
    "unauthenticated",
    badToken
      ? "This token is unknown, has expired or was revoked."
      : "The request has no token and no session.",
    {
      hint: "Programs send Authorization: Bearer cs_… (made by `countersign token create`); people sign in at /login.",
    },
  );
}

/** The caller; throws unauthenticated if there is none. */
export function principalOf(response: Response): Principal {
  const { principal, badToken } = locals(response);
  if (!principal) throw unauthenticated(badToken);
  return principal;
}
