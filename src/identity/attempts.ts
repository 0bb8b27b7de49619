import type { DataSource } from "typeorm";
import { prepared, rows } from "../database/sql.ts";
import { rateLimited } from "../domain/core/errors.ts";
import { hashOf } from "./secrets.ts";

/** A limit of password attempts, counted in the database by its clock: all API processes share it. */
export interface AttemptLimit {
  most: number;
  seconds: number;
  /** Names the limit for the caller: `10 sign-ins in 15 minutes per e-mail and address`. */
  name: string;
}

/** One attempt under a limit; `by` is what the limit counts by. */
export interface Attempted {
  limit: AttemptLimit;
  by: string;
}

/** The table holds no e-mail and no address. */
const keyOf = ({ limit, by }: Attempted): string => hashOf(`${limit.name} ${by}`);

// A refused attempt changes nothing, so that the wait ends when it was said to end.
const SPEND = prepared(
  `INSERT INTO attempt_count AS counted (key, attempts, ends_at)
   VALUES ($1, 1, clock_timestamp() + make_interval(secs => $2))
   ON CONFLICT (key) DO UPDATE SET
     attempts = CASE WHEN counted.ends_at > clock_timestamp() THEN counted.attempts + 1 ELSE 1 END,
     ends_at = CASE WHEN counted.ends_at > clock_timestamp() THEN counted.ends_at ELSE excluded.ends_at END
   WHERE counted.attempts < $3 OR counted.ends_at <= clock_timestamp()
   RETURNING attempts`,
);

/** Counts an attempt, before the password is checked; throws rate_limited where none is left. */
export async function spendAttempt(db: DataSource, attempted: Attempted): Promise<void> {
  const { seconds, most, name } = attempted.limit;
  const key = keyOf(attempted);
  const spent = await rows(db.manager, SPEND, [key, seconds, most]);
  if (spent.length > 0) return;
  const [count] = await rows<{ wait: number }>(
    db.manager,
    "SELECT ceil(extract(epoch FROM ends_at - clock_timestamp()))::integer AS wait FROM attempt_count WHERE key = $1",
    [key],
  );
  throw rateLimited(name, Math.max(1, count?.wait ?? 1));
}

/** Takes an attempt back: its password was right. */
export const giveBackAttempt = async (db: DataSource, attempted: Attempted): Promise<void> =>
  void (await rows(
    db.manager,
    "UPDATE attempt_count SET attempts = greatest(attempts - 1, 0) WHERE key = $1",
    [keyOf(attempted)],
  ));

/** Starts a count again. */
export const clearAttempts = async (db: DataSource, attempted: Attempted): Promise<void> =>
  void (await rows(db.manager, "DELETE FROM attempt_count WHERE key = $1", [keyOf(attempted)]));
