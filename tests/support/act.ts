import { setTimeout } from "node:timers/promises";
import type { DataSource, EntityManager } from "typeorm";
import type { z } from "zod";
import type { ActionDefinition } from "../../src/domain/core/action.ts";
import type { Context } from "../../src/domain/core/context.ts";
import { CrmError, type ErrorBody } from "../../src/domain/core/errors.ts";
import { parse } from "../../src/domain/core/input.ts";
import { rows } from "../../src/entities/database.ts";
import { withJob } from "./factories.ts";

/** Monday, November 23, 2026 at 9:00 in Chicago. */
export const MONDAY_9 = new Date("2026-11-23T15:00:00Z");

/** All that an action knows, inside a transaction that has claimed a job. */
export function contextOf(db: EntityManager, now = MONDAY_9): Context {
  const context: Context = {
    db,
    now,
    actor: { kind: "agent", id: "token_test", name: "Test agent" },
    jobId: "job_test",
    canSend: () => true,
    actions: new Map(),
    call: (action, input) => action.handler(context, parse(action.input, input, "data")),
  };
  return context;
}

/** Parses `data` as the action does and runs its handler alone, unjudged, as one job of its own. */
export const act = <Input extends z.ZodType, Result>(
  db: DataSource,
  action: ActionDefinition<Input, Result>,
  data: z.input<Input>,
  now = MONDAY_9,
): Promise<Result> => withJob(db, (manager) => contextOf(manager, now).call(action, data));

/** The refusal that `work` ends in; fails where there is none. */
export async function refusal(work: Promise<unknown>): Promise<ErrorBody> {
  try {
    await work;
  } catch (error) {
    if (error instanceof CrmError) return error.body;
    throw error;
  }
  throw new Error("Nothing was refused.");
}

/** Resolves once some connection to this database waits for a lock. */
export async function somebodyWaits(db: DataSource): Promise<void> {
  const waiting = `SELECT FROM pg_locks WHERE NOT granted
    AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())`;
  while ((await rows(db.manager, waiting)).length === 0) await setTimeout(5);
}
