import type { Request, Response } from "express";
import { CrmError } from "../../../domain/core/errors.ts";
import type { User } from "../../../entities/user.ts";
import { DEVICE_MS, rememberDevice } from "../../../identity/devices.ts";
import { newSecret, sameSecret } from "../../../identity/secrets.ts";
import { SESSION_MS, closeSession, csrfOf, openSession } from "../../../identity/sessions.ts";
import { checkSignIn } from "../../../identity/sign-in.ts";
import { addressOf, networkOf } from "../../security/address.ts";
import { locals } from "../../security/authenticate.ts";
import { cookie, cookieOptions, deviceCookie, LOGIN_COOKIE, SESSION_COOKIE } from "../../security/cookies.ts";
import { definePage, form, type PageParts, view } from "../page.ts";
import { type LoginForm, ownPath, readLogin } from "./form.ts";
import { renderLogin } from "./page.tsx";

const HOME = "/authorizations";
const HOUR_MS = 3_600_000;

/** Signing in and out. */
export const loginPage = definePage({
  path: "/login",
  for: "visitor",
  routes: (parts) => [
    view({
      path: "/login",
      summary: "The sign-in form",
      handler({ request, response }) {
        if (locals(response).session) return response.redirect(303, HOME);
        const { next } = request.query;
        return showLogin(parts, { request, response }, typeof next === "string" ? { next } : {});
      },
    }),
    // Without a session the form has its own CSRF token.
    form({
      path: "/login",
      summary: "Sign in",
      csrf: false,
      handler: ({ request, response }) => signIn(parts, { request, response }),
    }),
    form({
      path: "/logout",
      summary: "Sign out",
      csrf: true,
      async handler({ request, response }) {
        const token = cookie(request, SESSION_COOKIE);
        if (token && locals(response).session) await closeSession(parts.db, token);
        response.clearCookie(SESSION_COOKIE, cookieOptions(parts.publicUrl())).redirect(303, "/login");
      },
    }),
  ],
});

interface Exchange {
  request: Request;
  response: Response;
}

async function signIn(parts: PageParts, { request, response }: Exchange): Promise<string | void> {
  const { db, securityLog } = parts;
  const fields = readLogin(request.body);
  const again = (status: number, error: string) => {
    response.status(status);
    return showLogin(parts, { request, response }, { ...fields, error });
  };
  const login = cookie(request, LOGIN_COOKIE);
  if (!login || !sameSecret(fields._csrf, csrfOf(login))) {
    await securityLog.note(response, "sign-in form without its token");
    return again(403, "This page was open for too long. Please try again.");
  }
  const user = await checkedUser(parts, { request, response }, fields);
  if (!user) {
    await securityLog.note(response, "wrong e-mail or password");
    return again(401, "E-mail or password is wrong.");
  }
  const old = cookie(request, SESSION_COOKIE);
  if (old) await closeSession(db, old);
  await startSession(parts, { request, response }, user);
  response.redirect(303, ownPath(fields.next) ?? HOME);
}

/** The user with this password, within the limits; an attempt above a limit is kept as a security event. */
async function checkedUser(
  { db, securityLog }: PageParts,
  { request, response }: Exchange,
  { email, password }: LoginForm,
): Promise<User | null> {
  const network = networkOf(addressOf(request));
  try {
    return await checkSignIn(db, { email, password, network, device: cookie(request, deviceCookie(email)) });
  } catch (error) {
    if (!(error instanceof CrmError) || error.code !== "rate_limited") throw error;
    return securityLog.refuse(response, `above ${String(error.body["limit"])}`, error);
  }
}

async function startSession(parts: PageParts, exchange: Exchange, user: User): Promise<void> {
  const { db, publicUrl } = parts;
  const { request, response } = exchange;
  const options = cookieOptions(publicUrl());
  const place = { ip: addressOf(request), userAgent: request.get("user-agent") ?? null };
  response.cookie(SESSION_COOKIE, await openSession(db, user, place), { ...options, maxAge: SESSION_MS });
  response.clearCookie(LOGIN_COOKIE, { ...options, path: "/login" });
  await setDeviceCookie(parts, exchange, user);
}

/** Remembers this browser as one of the user's own. */
export async function setDeviceCookie(
  { db, publicUrl }: PageParts,
  { request, response }: Exchange,
  user: User,
): Promise<void> {
  const name = deviceCookie(user.email);
  const token = await rememberDevice(db, user, cookie(request, name));
  response.cookie(name, token, { ...cookieOptions(publicUrl()), maxAge: DEVICE_MS });
}

/** The form, bound to this browser by a cookie until the sign-in. */
function showLogin(
  { publicUrl }: PageParts,
  { request, response }: Exchange,
  { email, error, next }: Partial<LoginForm> & { error?: string },
): string {
  const login = cookie(request, LOGIN_COOKIE) ?? newSecret();
  response.cookie(LOGIN_COOKIE, login, { ...cookieOptions(publicUrl()), path: "/login", maxAge: HOUR_MS });
  const path = ownPath(next);
  return renderLogin({
    csrf: csrfOf(login),
    ...(email && { email }),
    ...(error && { error }),
    ...(path && { next: path }),
  });
}
