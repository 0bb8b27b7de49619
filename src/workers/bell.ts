import type { DataSource } from "typeorm";

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

/** One NOTIFY for all jobs that ended within a few milliseconds: one per transaction would halve the throughput. */
export function makeBell(db: DataSource, onError: (error: unknown) => void): Bell {
  const held = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let sending = Promise.resolve();

  async function send(): Promise<void> {
    timer = undefined;
    const ids = [...held];
    held.clear();
    for (const payload of payloads(ids)) await db.query("SELECT pg_notify($1, $2)", [CHANNEL, payload]);
  }

  const flush = () => {
    // Lost calls are no loss: waiters also poll.
    sending = send().catch(onError);
    return sending;
  };

  return {
    ring(jobId) {
      held.add(jobId);
      timer ??= setTimeout(flush, COALESCE_MS);
    },
    async close() {
      clearTimeout(timer);
      await sending;
      if (held.size > 0) await flush();
    },
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
