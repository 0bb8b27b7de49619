import type { CookieOptions, Request } from "express";
import { hashOf } from "../../identity/secrets.ts";

export function cookie(request: Request, name: string): string | undefined {
  for (const pair of request.headers.cookie?.split(";") ?? []) {
    const [key, value] = pair.trim().split("=", 2);
    if (key === name && value) return value;
  }
  return undefined;
}
/** Lax, not strict: a link in an e-mail to an approval page must send the session cookie. */
export const cookieOptions = (publicUrl: string): CookieOptions => ({
  httpOnly: true,
  sameSite: "lax",
  secure: publicUrl.startsWith("https:"),
  path: "/",
});
export const SESSION_COOKIE = "cs_session";
export const LOGIN_COOKIE = "cs_login";
/** One for each e-mail: several people may use one browser. */
export const deviceCookie = (email: string): string => `cs_device_${hashOf(email).slice(0, 12)}`;
