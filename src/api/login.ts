import { type Request, type Response, Router } from "express";
import { RateLimiterMemory } from "rate-limiter-flexible";
import type { DataSource } from "typeorm";
import { z } from "zod";
import { CrmError } from "../domain/core/errors.ts";
import { parse } from "../domain/core/input.ts";
import { emailInput, hashOf, LONGEST_PASSWORD, newSecret, verifyPassword } from "./accounts.ts";
import { locals } from "./auth.ts";
import { formBody } from "./body.ts";
import { answer, methodNotAllowed } from "./errors.ts";
import { checkCsrf } from "./guard.ts";
import { spend } from "./limits.ts";
import { renderLogin } from "./pages/login.tsx";
import {
  LOGIN_COOKIE,
  SESSION_COOKIE,
  SESSION_MS,
  closeSession,
  cookie,
  cookieOptions,
  csrfOf,
  openSession,
  same,
} from "./sessions.ts";
import type { Watch } from "./watch.ts";

interface LoginParts {
  db: DataSource;
  now: () => Date;
  publicUrl: () => string;
  watch: Watch;
}

const HOME = "/authorizations";
const HOUR_MS = 3_600_000;
const QUARTER_HOUR = 15 * 60;
const TRIES = 10;
/** Per address and whatever the e-mail: each try costs a full argon2 run. */
const TRIES_PER_IP = 100;

const loginForm = z.strictObject({
  email: emailInput,
  password: z.string().max(LONGEST_PASSWORD),
  _csrf: z.string().max(200).default(""),
  next: z.string().max(2_000).optional(),
});
type LoginForm = z.output<typeof loginForm>;

/** Signing in and out. */
export function loginRoutes(parts: LoginParts): Router {
  const router = Router();
  const { publicUrl, watch } = parts;

  router
    .route("/login")
    .get((request, response) => {
      if (locals(response).session) return response.redirect(303, HOME);
      const { next } = request.query;
      showLogin(request, response, publicUrl(), typeof next === "string" ? { next } : {});
    })
    .post(formBody, signIn(parts))
    .all(methodNotAllowed("GET", "POST"));

  router
    .route("/logout")
    .post(formBody, checkCsrf(watch), async (request, response) => {
      const token = cookie(request, SESSION_COOKIE);
      if (token && locals(response).session) await closeSession(parts.db, token);
      response.clearCookie(SESSION_COOKIE, cookieOptions(publicUrl())).redirect(303, "/login");
    })
    .all(methodNotAllowed("POST"));

  router
    .route("/api/session")
    .get((_request, response) => {
      const { session } = locals(response);
      if (!session) throw nobody();
      const { kind: role, id, name } = session.principal;
      answer(response, { user: { id, email: session.email, name, role }, csrf_token: session.csrfToken });
    })
    .all(methodNotAllowed("GET"));

  return router;
}

const nobody = () =>
  new CrmError("unauthenticated", "Nobody is signed in.", { hint: "Sign in at /login first." });

function signIn({ db, now, publicUrl, watch }: LoginParts) {
  const perEmail = new RateLimiterMemory({ points: TRIES, duration: QUARTER_HOUR });
  const perIp = new RateLimiterMemory({ points: TRIES_PER_IP, duration: QUARTER_HOUR });
  return async (request: Request, response: Response): Promise<void> => {
    const form = parse(loginForm, { ...request.body });
    const again = (status: number, error: string) => {
      response.status(status);
      showLogin(request, response, publicUrl(), { ...form, error });
    };
    const login = cookie(request, LOGIN_COOKIE);
    if (!login || !same(form._csrf, csrfOf(login))) {
      await watch.note(request, response, "sign-in form without its token");
      return again(403, "This page was open for too long. Please try once more.");
    }
    const key = hashOf(`${request.ip} ${form.email}`);
    await spend(perIp, String(request.ip), `${TRIES_PER_IP} sign-ins in 15 minutes per address`);
    await spend(perEmail, key, `${TRIES} sign-ins in 15 minutes per e-mail`);
    const user = await verifyPassword(db, form.email, form.password);
    if (!user) {
      await watch.note(request, response, "wrong e-mail or password");
      return again(401, "E-mail or password is not right.");
    }
    await perEmail.delete(key);
    const old = cookie(request, SESSION_COOKIE);
    if (old) await closeSession(db, old);
    const options = cookieOptions(publicUrl());
    response.cookie(SESSION_COOKIE, await openSession(db, user, now()), { ...options, maxAge: SESSION_MS });
    response.clearCookie(LOGIN_COOKIE, { ...options, path: "/login" });
    response.redirect(303, ownPath(form.next) ?? HOME);
  };
}

/** The page, bound to this browser by a cookie of its own until somebody has signed in. */
function showLogin(
  request: Request,
  response: Response,
  publicUrl: string,
  { email, error, next }: Partial<LoginForm> & { error?: string },
): void {
  const login = cookie(request, LOGIN_COOKIE) ?? newSecret();
  response.cookie(LOGIN_COOKIE, login, { ...cookieOptions(publicUrl), path: "/login", maxAge: HOUR_MS });
  const path = ownPath(next);
  response.type("html").send(
    renderLogin({
      csrf: csrfOf(login),
      ...(email && { email }),
      ...(error && { error }),
      ...(path && { next: path }),
    }),
  );
}

/** A path on this server, or nothing: a sign-in must not send people to somebody else's page. */
export function ownPath(next: string | undefined): string | null {
  const base = "http://here.invalid";
  if (!next?.startsWith("/") || !URL.canParse(next, base)) return null;
  const { origin, pathname, search } = new URL(next, base);
  return origin === base && !pathname.startsWith("//") ? pathname + search : null;
}
