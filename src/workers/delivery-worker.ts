import { setTimeout as sleep } from "node:timers/promises";
import { isTransient } from "../domain/core/database-errors.ts";
import type { Backend, JobWorker, QueuedJob } from "../queue/index.ts";
import type { ChannelParts, ClaimedDelivery, SendResult } from "./channels/channel.ts";
import { claim, type DeliveryRows, settle } from "./deliveries.ts";
import { deliveryKinds } from "./delivery-kinds.ts";

export interface DeliveryParts extends DeliveryRows, ChannelParts {
  queues: Backend;
  /** Deliveries that are sent at the same time. */
  concurrency: number;
}

/** How often recording a result is retried while the database is unreachable. */
const SETTLE_RETRY = { times: 10, everyMs: 1_000 };

/** Sends messages and webhooks that jobs have written as deliveries; the queued job only holds the delivery's id. */
export function makeDeliveryWorker(parts: DeliveryParts): JobWorker {
  return parts.queues.worker("deliveries", (queued) => deliver(parts, idOf(queued)), parts);
}

const idOf = ({ data }: QueuedJob): string => ("deliveryId" in data ? String(data.deliveryId) : "");

async function deliver(parts: DeliveryParts, id: string): Promise<void> {
  const delivery = await claim(parts, id);
  if (!delivery) return;
  const signal = AbortSignal.timeout(parts.retryPolicy.attemptMs);
  const result = await deliveryKinds[delivery.kind].send(parts, delivery, signal);
  await settleSurely(parts, delivery, result);
}

/** Retries while the database is unreachable: the result of a sent delivery must not be lost. */
async function settleSurely(
  parts: DeliveryParts,
  delivery: ClaimedDelivery,
  result: SendResult,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await settle(parts, delivery, result);
    } catch (error) {
      if (attempt >= SETTLE_RETRY.times || !isTransient(error)) throw error;
      await sleep(SETTLE_RETRY.everyMs);
    }
  }
}
