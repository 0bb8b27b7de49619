import type { DataSource } from "typeorm";
import { rows } from "../entities/database.ts";
import { type DeliveryRows, settle, type Taken } from "./deliveries.ts";
import { dispatchId } from "./dispatcher.ts";
import { type Backend, enqueue, isPending, type JobQueue } from "./queues.ts";
import { repeating } from "./repeating.ts";

const SWEEP_MS = 1_000;
/** What was handed to the queue this long ago and is not done is looked after. */
const PATIENCE = "10 seconds";
const BATCH = 500;

export interface DeliveryRelay {
  /** One round; exported for tests. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Hands deliveries to the queue when they are due: written by a job, due again after a refusal, or lost by the queue.
 * And gives up what a worker had in hand when it died: what came of that, nobody can know.
 */
export function makeDeliveryRelay(
  parts: DeliveryRows & { queues: Backend },
  onError: (error: unknown) => void,
): DeliveryRelay {
  const queue = parts.queues.queue("deliveries");

  async function sweep(): Promise<void> {
    await handOver(parts.db, queue);
    await giveUpLost(parts);
  }

  return { sweep, ...repeating(sweep, SWEEP_MS, onError) };
}

/** Of many processes each takes other rows. */
async function handOver(db: DataSource, queue: JobQueue): Promise<void> {
  const due = await rows<{ id: string; dispatches: number }>(
    db.manager,
    `UPDATE delivery SET dispatched_at = clock_timestamp() WHERE id IN (
       SELECT id FROM delivery WHERE status = 'queued' AND next_attempt_at <= clock_timestamp()
         AND (dispatched_at IS NULL OR dispatched_at < clock_timestamp() - interval '${PATIENCE}')
       ORDER BY next_attempt_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
     RETURNING id, dispatches`,
  );
  for (const { id, dispatches } of due) {
    if (dispatches > 0 && (await isPending(queue, dispatchId(id, dispatches)))) continue;
    await rows(db.manager, "UPDATE delivery SET dispatches = dispatches + 1 WHERE id = $1", [id]);
    await enqueue(queue, dispatchId(id, dispatches + 1), { deliveryId: id });
  }
}

async function giveUpLost(parts: DeliveryRows): Promise<void> {
  const lost = await rows<Taken>(
    parts.db.manager,
    `SELECT id, kind, payload, attempts FROM delivery
     WHERE status = 'sending' AND next_attempt_at < clock_timestamp() LIMIT ${BATCH}`,
  );
  const words = "Whoever was sending it stopped halfway: it may have arrived. Look before you send it again.";
  for (const delivery of lost) await settle(parts, delivery, { kind: "unknown", words });
}
