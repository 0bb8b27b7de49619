import { setTimeout as sleep } from "node:timers/promises";
import { WebhookEndpoint } from "../entities/webhook.ts";
import type { Message } from "../entities/message.ts";
import { type Attachment, refused, type Sending } from "./channels/sending.ts";
import type { WaysOut } from "./channels/ways-out.ts";
import { postWebhook } from "./channels/webhook.ts";
import { type DeliveryRows, settle, takeUp, type Taken } from "./deliveries.ts";
import type { Backend, JobWorker, QueuedJob } from "./queues.ts";
import { isTransient } from "./transient.ts";
import { noticeOf } from "./webhook-notice.ts";

export interface DeliveryParts extends DeliveryRows {
  queues: Backend;
  channels: WaysOut;
  /** Base of links. */
  publicUrl: () => string;
  concurrency: number;
}

/** How long the database may be away while there is something to tell it. */
const TELLING = { times: 10, everyMs: 1_000 };

/** Carries out what jobs have left for the outside world; the queued job only says which. */
export function makeDeliveryWorker(parts: DeliveryParts): JobWorker {
  return parts.queues.worker("deliveries", (queued) => carryOut(parts, idOf(queued)), parts);
}

const idOf = ({ data }: QueuedJob): string => ("deliveryId" in data ? String(data.deliveryId) : "");

async function carryOut(parts: DeliveryParts, id: string): Promise<void> {
  const taken = await takeUp(parts, id);
  if (!taken) return;
  const { delivery, message } = taken;
  const signal = AbortSignal.timeout(parts.patience.tryMs);
  const sending = message
    ? await sendMessage(parts, delivery, message, signal)
    : await notify(parts, delivery, signal);
  await tellTheRow(parts, delivery, sending);
}

async function sendMessage(
  { channels }: DeliveryParts,
  delivery: Taken,
  message: Message,
  signal: AbortSignal,
): Promise<Sending> {
  const { channel, to, subject, body } = message;
  const send = channel === "note" ? undefined : channels[channel];
  if (!send || to === null)
    return refused("There is no way out for it any more: it is not set up here.", true);
  return send({ id: delivery.id, to, subject, body, attachments: attachmentsOf(delivery) }, signal);
}

/** Beside the message, not in it: `[{filename, content_type, content}]`, the content in base64. */
function attachmentsOf({ payload }: Taken): Attachment[] {
  const { attachments = [] } = payload as {
    attachments?: { filename: string; content_type: string; content: string }[]; // As the job wrote them.
  };
  return attachments.map(({ filename, content_type, content }) => ({
    filename,
    contentType: content_type,
    content: Buffer.from(content, "base64"),
  }));
}

async function notify(
  { db, publicUrl }: DeliveryParts,
  delivery: Taken,
  signal: AbortSignal,
): Promise<Sending> {
  const endpoint = await db.getRepository(WebhookEndpoint).findOneBy({ id: "webhook" });
  const body = endpoint && (await noticeOf(db.manager, delivery.payload, publicUrl()));
  if (!body) return refused("The webhook was taken away before this was told.", true);
  const { url, secret, allow_private: allowPrivate } = endpoint;
  return postWebhook({ url, secret, allowPrivate }, { id: delivery.id, body }, signal);
}

/** What is done outside must be written down: a database that is away is asked again. */
async function tellTheRow(parts: DeliveryParts, delivery: Taken, sending: Sending): Promise<void> {
  for (let time = 1; ; time++) {
    try {
      return await settle(parts, delivery, sending);
    } catch (error) {
      if (time >= TELLING.times || !isTransient(error)) throw error;
      await sleep(TELLING.everyMs);
    }
  }
}
