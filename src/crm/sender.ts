import { batched } from "../database/batch.ts";
import { type Backend, dispatchId, enqueueAll, type JobQueue } from "../queue/index.ts";
import { withTimeout } from "../queue/with-timeout.ts";

/** Maximum wait for the queue. The row is already written, and the relay sends it later. */
const ENQUEUE_TIMEOUT_MS = 250;

type Send = (jobId: string) => Promise<void>;

/**
 * Adds new jobs to their queue, concurrent ones in one batch. A failure is harmless: the row exists, and the relay sends
 * it later.
 */
export function makeSender(
  queues: Pick<Backend, "queue">,
  onError: (error: unknown) => void,
): (costly: boolean) => Send {
  const to = (queue: JobQueue): Send => {
    const add = batched((jobIds: string[]) => enqueueFirst(queue, jobIds));
    return (jobId) => tryEnqueue(add(jobId), onError);
  };
  const [ordinary, costly] = [to(queues.queue("actions")), to(queues.queue("costly-actions"))];
  return (isCostly) => (isCostly ? costly : ordinary);
}

async function enqueueFirst(queue: JobQueue, jobIds: string[]): Promise<void[]> {
  await enqueueAll(
    queue,
    jobIds.map((jobId) => ({ id: dispatchId(jobId, 1), data: { jobId } })),
  );
  return jobIds.map(() => undefined);
}

/** Waits for the queue up to ENQUEUE_TIMEOUT_MS. Errors go to `onError`. */
export const tryEnqueue = (enqueued: Promise<void>, onError: (error: unknown) => void): Promise<void> =>
  withTimeout(ENQUEUE_TIMEOUT_MS, enqueued).catch(onError);
