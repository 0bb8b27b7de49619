import type { DataSource } from "typeorm";
import { prepared, rows } from "../database/sql.ts";
import { notFound } from "../domain/core/errors.ts";
import { newId } from "../domain/core/ids.ts";
import type { Session } from "../entities/session.ts";
import type { User } from "../entities/user.ts";
import { hashOf, newSecret } from "./secrets.ts";

// The database's clock judges everything here: processes with wrong clocks must not accept or end sessions.

const DAY_MS = 24 * 3_600_000;
export const SESSION_MS = 7 * DAY_MS;

/** SQL condition of a session that is still good: `session` is its row. */
const LIVE =
  "session.expires_at > clock_timestamp() AND session.last_seen_at > clock_timestamp() - interval '24 hours'";

/** How long after the password was checked a person may do what asks for it again. */
const RECENT = "15 minutes";

/** Where a sign-in comes from, for the list of sessions. */
export interface SignInPlace {
  ip: string | null;
  userAgent: string | null;
}

/** Opens a session for a user whose password was checked; returns the cookie's value. */
export async function openSession(
  db: DataSource,
  user: Pick<User, "id">,
  { ip, userAgent }: SignInPlace,
): Promise<string> {
  const token = newSecret();
  await rows(
    db.manager,
    `INSERT INTO session (token_hash, id, user_id, created_at, last_seen_at, password_at, expires_at, ip, user_agent)
     SELECT $1, $2, $3, now, now, now, now + make_interval(secs => $4), $5, $6 FROM clock_timestamp() AS now`,
    [hashOf(token), newId("session"), user.id, SESSION_MS / 1_000, ip, userAgent?.slice(0, 300) ?? null],
  );
  return token;
}

/** The session of a cookie, with its active user. */
export interface LiveSession {
  id: string;
  user: Pick<User, "id" | "email" | "name" | "role">;
  /** Whether the password was checked within the last 15 minutes. */
  recent: boolean;
}

type Found = LiveSession["user"] & { session_id: string; recent: boolean; unseen: boolean };

const FIND = prepared(
  `SELECT person.id, person.email, person.name, person.role, session.id AS session_id,
     session.password_at > clock_timestamp() - interval '${RECENT}' AS recent,
     session.last_seen_at < clock_timestamp() - interval '1 minute' AS unseen
   FROM session JOIN "user" person ON person.id = session.user_id AND person.active
   WHERE session.token_hash = $1 AND ${LIVE}`,
);

/**
 * The session of a cookie; null where it is unknown, has expired or was idle for 24 hours. `used`: a person made this
 * request, which keeps the session from becoming idle. At most one write per minute.
 */
export async function findSession(
  db: DataSource,
  token: string,
  { used }: { used: boolean },
): Promise<LiveSession | null> {
  const [found] = await rows<Found>(db.manager, FIND, [hashOf(token)]);
  if (!found) return null;
  const { session_id: id, recent, unseen, ...user } = found;
  if (used && unseen)
    await rows(db.manager, "UPDATE session SET last_seen_at = clock_timestamp() WHERE id = $1", [id]);
  return { id, user, recent };
}

/** Notes that the password of a session's user was checked again. */
export const confirmSession = async (db: DataSource, id: string): Promise<void> =>
  void (await rows(db.manager, "UPDATE session SET password_at = clock_timestamp() WHERE id = $1", [id]));

export const closeSession = async (db: DataSource, token: string): Promise<void> =>
  void (await rows(db.manager, "DELETE FROM session WHERE token_hash = $1", [hashOf(token)]));

// ---- A person's own sessions ----

export type SessionView = Pick<Session, "id" | "created_at" | "last_seen_at" | "ip" | "user_agent">;

/** A person's live sessions, the last used first. */
export const listSessions = (db: DataSource, userId: string): Promise<SessionView[]> =>
  rows<SessionView>(
    db.manager,
    `SELECT id, created_at, last_seen_at, ip, user_agent FROM session
     WHERE user_id = $1 AND ${LIVE} ORDER BY last_seen_at DESC, id DESC`,
    [userId],
  );

/** Ends one of a person's own sessions. */
export async function endSession(db: DataSource, userId: string, id: string): Promise<void> {
  const ended = await rows(db.manager, "DELETE FROM session WHERE id = $1 AND user_id = $2 RETURNING id", [
    id,
    userId,
  ]);
  if (ended.length === 0) throw notFound("session", id);
}

/** Ends a person's sessions except one. */
export const endOtherSessions = async (db: DataSource, userId: string, keptId: string): Promise<void> =>
  void (await rows(db.manager, "DELETE FROM session WHERE user_id = $1 AND id <> $2", [userId, keptId]));

/** The CSRF token of a session: a page or script sends it with its cookie; another site can read neither. */
export const csrfOf = (secret: string): string => hashOf(`csrf:${secret}`);
