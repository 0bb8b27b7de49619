import type { EntityTarget } from "typeorm";
import type { Delivery } from "../entities/delivery.ts";
import { Message } from "../entities/message.ts";
import type { ChannelParts, ClaimedDelivery, SendResult } from "./channels/channel.ts";
import { sendMessage } from "./channels/message.ts";
import { sendWebhook } from "./channels/webhook.ts";

/** How one kind of delivery is sent and recorded. */
export interface DeliveryKind {
  /** Runs one attempt. Never throws; `signal` aborts an attempt that takes too long. */
  send(parts: ChannelParts, delivery: ClaimedDelivery, signal: AbortSignal): Promise<SendResult>;
  /**
   * The record that the delivery sends. Its action runs as a system job before and after each attempt with
   * `{id, status, error, provider_id}` and returns `{status}`; before an attempt, any status but `sending` cancels the
   * delivery. If undefined, only the delivery's own row records the result.
   */
  record?: { entity: EntityTarget<{ id: string }>; payloadKey: string; action: string };
  /** Whether to retry an attempt that may have arrived: only if the receiver can detect duplicates. */
  retryUnknown: boolean;
}

const message = { entity: Message, payloadKey: "message_id", action: "message.mark" };

/** Every kind of delivery. To add one, add a line here, its name to the entity and a file in `channels/`. */
export const deliveryKinds: Record<Delivery["kind"], DeliveryKind> = {
  email: { send: sendMessage, record: message, retryUnknown: false },
  sms: { send: sendMessage, record: message, retryUnknown: false },
  webhook: { send: sendWebhook, retryUnknown: true },
};

/** The id of the record that a delivery sends; undefined if its kind has none. */
export function recordIdOf({ kind, payload }: Pick<Delivery, "kind" | "payload">): string | undefined {
  const { record } = deliveryKinds[kind];
  const id = record && payload[record.payloadKey];
  return typeof id === "string" ? id : undefined;
}
