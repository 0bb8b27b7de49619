import { setTimeout as sleep } from "node:timers/promises";
import type { DataSource } from "typeorm";
import { prepared, rows } from "../entities/database.ts";

/** The channel on which job ids are called out after their transaction has committed. */
export const CHANNEL = "countersign_job";

/** PostgreSQL refuses longer payloads. */
const LONGEST = 7_900;
const COALESCE_MS = 3;

export interface Bell {
  /** Wakes whoever waits for this job, in any process. */
  ring(jobId: string): void;
  /** Sends what is still held back. */
  close(): Promise<void>;
}

// A call that is lost in a crash is no loss, so nobody waits for the disk to have it.
const NOTIFY = prepared("SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, $2)");

/** The first call goes out at once, those that follow within a few milliseconds together: a NOTIFY for each would cost. */
export function makeBell(db: DataSource, onError: (error: unknown) => void): Bell {
  const held = new Set<string>();
  let sending: Promise<void> | undefined;

  async function send(): Promise<void> {
    while (held.size > 0) {
      const ids = [...held];
      held.clear();
      for (const payload of payloads(ids)) await rows(db.manager, NOTIFY, [CHANNEL, payload]);
      await sleep(COALESCE_MS);
    }
  }

  return {
    ring(jobId) {
      held.add(jobId);
      // Lost calls are no loss: waiters also poll.
      sending ??= send()
        .catch(onError)
        .finally(() => (sending = undefined));
    },
    close: async () => sending,
  };
}

/** Ids joined by commas, none longer than a NOTIFY may be. */
export function payloads(ids: readonly string[]): string[] {
  const all: string[] = [];
  let current = "";
  for (const id of ids) {
    if (current && current.length + id.length + 1 > LONGEST) {
      all.push(current);
      current = "";
    }
    current = current ? `${current},${id}` : id;
  }
  return current ? [...all, current] : all;
}
