import { rows } from "../database/sql.ts";
import { every } from "../queue/every.ts";
import { type Backend, dispatchId, enqueue, isPending, type JobQueue } from "../queue/index.ts";
import type { ClaimedDelivery } from "./channels/channel.ts";
import { type DeliveryRows, DUE, settle } from "./deliveries.ts";
import { deliveryKinds } from "./delivery-kinds.ts";

const SWEEP_MS = 1_000;

/** A delivery that was queued this long ago and is still unsent is checked. */
const QUEUE_SILENCE = "10 seconds";
const BATCH = 500;

export interface DeliveryRelay {
  /** Runs one round; exported for tests. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Enqueues due deliveries: new ones, retries, and those that the queue has lost. Ends deliveries whose lease has expired
 * because their worker died while sending; their result is unknown.
 */
export function makeDeliveryRelay(
  parts: DeliveryRows & { queues: Backend },
  onError: (error: unknown) => void,
): DeliveryRelay {
  const queue = parts.queues.queue("deliveries");

  async function sweep(): Promise<void> {
    await dispatchDue(parts, queue);
    await endExpiredLeases(parts);
  }

  return { sweep, ...every(sweep, SWEEP_MS, onError) };
}

/** Several processes may sweep at the same time; SKIP LOCKED gives each of them different rows. */
async function dispatchDue({ db, clock }: DeliveryRows, queue: JobQueue): Promise<void> {
  const due = await rows<{ id: string; dispatches: number }>(
    db.manager,
    // The first bound only lets PostgreSQL use the index; DUE decides.
    `UPDATE delivery SET dispatched_at = clock_timestamp() WHERE id IN (
       SELECT id FROM delivery WHERE status = 'queued' AND kind = ANY($2)
         AND next_attempt_at <= greatest($1::timestamptz, clock_timestamp()) AND ${DUE}
         AND (dispatched_at IS NULL OR dispatched_at < clock_timestamp() - interval '${QUEUE_SILENCE}')
       ORDER BY next_attempt_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
     RETURNING id, dispatches`,
    [clock?.now() ?? null, Object.keys(deliveryKinds)],
  );
  for (const { id, dispatches } of due) {
    if (dispatches > 0 && (await isPending(queue, dispatchId(id, dispatches)))) continue;
    await rows(db.manager, "UPDATE delivery SET dispatches = dispatches + 1 WHERE id = $1", [id]);
    await enqueue(queue, { id: dispatchId(id, dispatches + 1), data: { deliveryId: id } });
  }
}

async function endExpiredLeases(parts: DeliveryRows): Promise<void> {
  const expired = await rows<ClaimedDelivery>(
    parts.db.manager,
    `SELECT id, kind, payload, attempts FROM delivery
     WHERE status = 'sending' AND next_attempt_at < clock_timestamp() AND kind = ANY($1) LIMIT ${BATCH}`,
    [Object.keys(deliveryKinds)],
  );
  const words = "Its worker stopped while sending it: it may have arrived. Check before you send it again.";
  for (const delivery of expired) await settle(parts, delivery, { kind: "unknown", words });
}
