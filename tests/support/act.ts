import { setTimeout } from "node:timers/promises";
import type { DataSource, EntityManager } from "typeorm";
import type { z } from "zod";
import type { ActionDefinition, Context } from "../../src/domain/core/action.ts";
import { CrmError, type ErrorBody } from "../../src/domain/core/errors.ts";
import { parse } from "../../src/domain/core/input.ts";
import { rows } from "../../src/database/sql.ts";
import { withJob } from "./factories.ts";

/** Monday, November 23, 2026 at 9:00 in Chicago. */
export const MONDAY_9 = new Date("2026-11-23T15:00:00Z");

/** A clock that stands still on that Monday. */
export const clock = { now: () => MONDAY_9 };

/** The context of an action, inside a transaction that has claimed a job. */
export function contextOf(db: EntityManager, now = MONDAY_9): Context {
  const context: Context = {
    db,
    now,
    actor: { kind: "agent", id: "token_test", name: "Test agent" },
    jobId: "job_test",
    publicUrl: "http://localhost:8000",
    canSend: () => true,
    actions: new Map(),
    reversals: new Map(),
    call: (action, input) => action.handler(context, parse(action.input, input, "data")),
  };
  return context;
}

/** Parses `data` and runs only the action's handler, without permission checks, as its own job. */
export const act = <Input extends z.ZodType, Result>(
  db: DataSource,
  action: ActionDefinition<Input, Result>,
  data: z.input<Input>,
  now = MONDAY_9,
): Promise<Result> => withJob(db, (manager) => contextOf(manager, now).call(action, data));

/** The error body of the CrmError that `work` rejects with; throws if `work` succeeds. */
export async function refusal(work: Promise<unknown>): Promise<ErrorBody> {
  try {
    await work;
  } catch (error) {
    if (error instanceof CrmError) return error.body;
    throw error;
  }
  throw new Error("Nothing was refused.");
}

/**
 * Runs `work` again where a loaded machine let it wait too long for a lock or a connection, as the queue does. Every other
 * error, a deadlock too, is its end.
 */
export async function asQueued<Result>(work: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!waitedTooLong(error)) throw error;
    }
  }
}

const LOCK_TIMEOUT = "55P03";

const waitedTooLong = (error: unknown): boolean =>
  error instanceof Error &&
  (("code" in error && error.code === LOCK_TIMEOUT) ||
    error.message.includes("timeout exceeded when trying"));

/** Resolves once `count` connections to this database wait for a lock. */
export async function waitingForLocks(db: DataSource, count: number): Promise<void> {
  const waiting = `SELECT DISTINCT pid FROM pg_locks WHERE NOT granted
    AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())`;
  while ((await rows(db.manager, waiting)).length < count) await setTimeout(5);
}

/** Resolves once some connection to this database waits for a lock. */
export const connectionWaitsForLock = (db: DataSource): Promise<void> => waitingForLocks(db, 1);
