import { setTimeout as sleep } from "node:timers/promises";
import type { DataSource } from "typeorm";
import { prepared, rows } from "../database/sql.ts";

/**
 * The LISTEN/NOTIFY channel for ids of jobs whose transaction has committed, and of tokens and sessions that have ended
 * (the trigger function notify_access_ended sends those).
 */
export const CHANNEL = "countersign_job";

/** PostgreSQL refuses longer payloads. */
const MAX_PAYLOAD = 7_900;
const COALESCE_MS = 3;

export interface Notifier {
  /** Wakes the callers that wait for this job, in any process. */
  publish(jobId: string): void;
  /** Resolves once all pending notifications have been sent. */
  close(): Promise<void>;
}

// Notifications may be lost (waiters also poll), so commit them asynchronously.
const NOTIFY = prepared("SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, $2)");

/** Sends the first notification at once and batches those of the next milliseconds: one NOTIFY per job would be slow. */
export function makeNotifier(db: DataSource, onError: (error: unknown) => void): Notifier {
  const pending = new Set<string>();
  let sending: Promise<void> | undefined;

  async function send(): Promise<void> {
    while (pending.size > 0) {
      const ids = [...pending];
      pending.clear();
      for (const payload of payloads(ids)) await rows(db.manager, NOTIFY, [CHANNEL, payload]);
      await sleep(COALESCE_MS);
    }
  }

  return {
    publish(jobId) {
      pending.add(jobId);
      sending ??= send()
        .catch(onError)
        .finally(() => (sending = undefined));
    },
    close: async () => sending,
  };
}

/** Ids joined by commas, split so that each payload fits into a NOTIFY. */
export function payloads(ids: readonly string[]): string[] {
  const all: string[] = [];
  let current = "";
  for (const id of ids) {
    if (current && current.length + id.length + 1 > MAX_PAYLOAD) {
      all.push(current);
      current = "";
    }
    current = current ? `${current},${id}` : id;
  }
  return current ? [...all, current] : all;
}
