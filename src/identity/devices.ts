import type { DataSource } from "typeorm";
import { rows } from "../database/sql.ts";
import type { User } from "../entities/user.ts";
import { hashOf, newSecret } from "./secrets.ts";

const DAY_MS = 24 * 3_600_000;
export const DEVICE_MS = 180 * DAY_MS;

/** Browsers remembered per user; the oldest are forgotten. */
const MOST_DEVICES = 20;

/**
 * Remembers the browser in which a user signs in; returns its cookie's value. `known`: the value that the browser sent,
 * kept where it is this user's. The cookie gives no access.
 */
export async function rememberDevice(
  db: DataSource,
  { id }: Pick<User, "id">,
  known: string | undefined,
): Promise<string> {
  const lasting = "clock_timestamp() + make_interval(secs => $3)";
  const parameters = (token: string) => [hashOf(token), id, DEVICE_MS / 1_000];
  if (known) {
    const kept = await rows(
      db.manager,
      `UPDATE known_device SET expires_at = ${lasting}
       WHERE token_hash = $1 AND user_id = $2 AND expires_at > clock_timestamp() RETURNING user_id`,
      parameters(known),
    );
    if (kept.length > 0) return known;
  }
  const token = newSecret();
  await rows(
    db.manager,
    `INSERT INTO known_device (token_hash, user_id, created_at, expires_at)
     VALUES ($1, $2, clock_timestamp(), ${lasting})`,
    parameters(token),
  );
  await rows(
    db.manager,
    `DELETE FROM known_device WHERE token_hash IN (
       SELECT token_hash FROM known_device WHERE user_id = $1 ORDER BY expires_at DESC OFFSET ${MOST_DEVICES})`,
    [id],
  );
  return token;
}

/** Whether the active user with this e-mail has signed in before in the browser that sent this cookie. */
export async function isKnownDevice(
  db: DataSource,
  email: string,
  token: string | undefined,
): Promise<boolean> {
  if (!token) return false;
  const found = await rows(
    db.manager,
    `SELECT FROM known_device device JOIN "user" person ON person.id = device.user_id AND person.active
     WHERE device.token_hash = $1 AND person.email = $2 AND device.expires_at > clock_timestamp()`,
    [hashOf(token), email],
  );
  return found.length > 0;
}

/** Forgets all browsers of a user except the one with this cookie. */
export const forgetOtherDevices = async (
  db: DataSource,
  userId: string,
  kept: string | undefined,
): Promise<void> =>
  void (await rows(db.manager, "DELETE FROM known_device WHERE user_id = $1 AND token_hash <> $2", [
    userId,
    hashOf(kept ?? ""),
  ]));
