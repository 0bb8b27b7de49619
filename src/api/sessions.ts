import { createHash, timingSafeEqual } from "node:crypto";
import type { CookieOptions, Request } from "express";
import { type DataSource, LessThan, MoreThan } from "typeorm";
import { Session, type User } from "../entities/user.ts";
import { hashOf, newSecret } from "./accounts.ts";

export const SESSION_COOKIE = "cs_session";
export const LOGIN_COOKIE = "cs_login";

const DAY = 24 * 3_600_000;
export const SESSION_MS = 7 * DAY;

export function cookie(request: Request, name: string): string | undefined {
  for (const pair of request.headers.cookie?.split(";") ?? []) {
    const [key, value] = pair.trim().split("=", 2);
    if (key === name && value) return value;
  }
  return undefined;
}

/** Lax: a link in a mail to an approval page must find the person signed in. */
export const cookieOptions = (publicUrl: string): CookieOptions => ({
  httpOnly: true,
  sameSite: "lax",
  secure: publicUrl.startsWith("https:"),
  path: "/",
});

/** Opens a session for a user who has just proved who they are; gives the cookie's value. */
export async function openSession(db: DataSource, user: User, now: Date): Promise<string> {
  const token = newSecret();
  await db.getRepository(Session).delete({ expires_at: LessThan(now) });
  await db.getRepository(Session).insert({
    token_hash: hashOf(token),
    user_id: user.id,
    created_at: now,
    expires_at: new Date(now.getTime() + SESSION_MS),
  });
  return token;
}

/** The active user behind a cookie's value. */
export async function userOfSession(db: DataSource, token: string, now: Date): Promise<User | null> {
  const session = await db.getRepository(Session).findOne({
    where: { token_hash: hashOf(token), expires_at: MoreThan(now) },
    relations: { user: true },
  });
  return session?.user?.active ? session.user : null;
}

export async function closeSession(db: DataSource, token: string): Promise<void> {
  await db.getRepository(Session).delete({ token_hash: hashOf(token) });
}

/** The token a page or script must send beside its cookie; another site can read neither. */
export const csrfOf = (secret: string): string => hashOf(`csrf:${secret}`);

/** Compares in a time that says nothing about where two texts differ. */
export function same(given: unknown, expected: string): boolean {
  if (typeof given !== "string") return false;
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
