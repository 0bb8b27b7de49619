import type { DataSource, EntityManager } from "typeorm";
import { type ReadLimits, readSnapshot, ReadStopped } from "../database/read.ts";
import { CrmError, rateLimited, unavailable } from "../domain/core/errors.ts";
import type { Principal } from "../domain/core/principal.ts";

export interface ReadBudget {
  /** Reads of one agent at the same time, in this process. */
  most: number;
  /** Longest time of one read in the database. */
  timeoutMs: number;
}

export const DEFAULT_READS: ReadBudget = { most: 8, timeoutMs: 10_000 };

export interface Reads {
  /** Runs reads in one snapshot, within the budget of the actor. */
  run<T>(
    actor: Principal,
    signal: AbortSignal | undefined,
    work: (db: EntityManager) => Promise<T>,
  ): Promise<T>;
}

/** Limits reads. A read counts until the database has ended it, even if its caller is gone. People are not counted. */
export function makeReads(db: DataSource, { most, timeoutMs }: ReadBudget): Reads {
  const running = new Map<string, number>();
  return {
    async run({ kind, id }, signal, work) {
      if (kind !== "agent") return limited(db, { timeoutMs, signal }, work);
      const now = running.get(id) ?? 0;
      if (now >= most) throw rateLimited(`${most} reads at once per token`, 1);
      running.set(id, now + 1);
      try {
        return await limited(db, { timeoutMs, signal }, work);
      } finally {
        const left = (running.get(id) ?? 1) - 1;
        if (left > 0) running.set(id, left);
        else running.delete(id);
      }
    },
  };
}

async function limited<T>(
  db: DataSource,
  limits: ReadLimits,
  work: (db: EntityManager) => Promise<T>,
): Promise<T> {
  try {
    return await readSnapshot(db, limits, work);
  } catch (error) {
    throw error instanceof ReadStopped ? refusalFor(error) : error;
  }
}

function refusalFor({ timeoutMs }: ReadStopped): CrmError {
  if (timeoutMs === undefined) return unavailable("The caller of this read is gone.");
  const limit = `${timeoutMs / 1_000} s of database time per read`;
  return new CrmError("too_large", `This read was stopped: the limit is ${limit}.`, {
    hint: "Narrow it: longer words in search, a filter such as status or a date, fewer includes, a smaller limit.",
    extra: { limit },
  });
}
