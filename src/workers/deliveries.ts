import type { DataSource, EntityManager } from "typeorm";
import type { Registry } from "../domain/core/registry.ts";
import { rows } from "../entities/database.ts";
import type { Delivery } from "../entities/job.ts";
import { Message, type MessageStatus } from "../entities/message.ts";
import type { Bell } from "./bell.ts";
import type { Sending } from "./channels/sending.ts";
import { runWithin } from "./run-now.ts";

/** How often a delivery is tried, and how long each try may take. */
export interface Patience {
  attempts: number;
  /** Until the second try; doubled for each one after it. */
  firstMs: number;
  longestMs: number;
  /** A try that has not ended by then is given up: nobody knows what came of it. */
  tryMs: number;
  /** How much longer its row waits for word of it. */
  graceMs: number;
}

/** About five hours: a server that is down for one is no loss. */
export const PATIENCE: Patience = {
  attempts: 12,
  firstMs: 30_000,
  longestMs: 3_600_000,
  tryMs: 60_000,
  graceMs: 30_000,
};

export interface DeliveryRows {
  db: DataSource;
  registry: Registry;
  bell: Bell;
  patience: Patience;
}

/** A delivery in somebody's hands; `attempts` says in whose. */
export type Taken = Pick<Delivery, "id" | "kind" | "payload" | "attempts">;

const TAKE = `UPDATE delivery SET status = 'sending', attempts = attempts + 1,
    next_attempt_at = clock_timestamp() + make_interval(secs => $2)
  WHERE id = $1 AND status = 'queued' AND next_attempt_at <= clock_timestamp()
  RETURNING id, kind, payload, attempts`;

const messageIdOf = ({ payload }: Pick<Delivery, "payload">): string | undefined =>
  typeof payload["message_id"] === "string" ? payload["message_id"] : undefined;

/**
 * Takes a delivery that is due, for one try; the message it carries, where it carries one. Undefined where there is
 * nothing to do: in other hands, done, not due, or called off.
 */
export async function takeUp(
  parts: DeliveryRows,
  id: string,
): Promise<{ delivery: Taken; message: Message | null } | undefined> {
  const { db, bell, patience } = parts;
  const rung: string[] = [];
  const taken = await db.transaction(async (manager) => {
    const lease = (patience.tryMs + patience.graceMs) / 1_000;
    const [delivery] = await rows<Taken>(manager, TAKE, [id, lease]);
    if (!delivery) return undefined;
    const messageId = messageIdOf(delivery);
    if (messageId === undefined) return { delivery, message: null };
    const message = await manager.findOneBy(Message, { id: messageId });
    if (message && (await mark(parts, manager, delivery, { status: "sending" }, rung)) === "sending")
      return { delivery, message };
    await rows(
      manager,
      "UPDATE delivery SET status = 'cancelled', finished_at = clock_timestamp() WHERE id = $1",
      [id],
    );
    return undefined;
  });
  rung.forEach((jobId) => bell.ring(jobId));
  return taken;
}

const SETTLE = `UPDATE delivery SET status = $3, error = $4, provider_id = $5, dispatched_at = NULL,
    next_attempt_at = clock_timestamp() + make_interval(secs => $6),
    finished_at = CASE WHEN $3 = 'queued' THEN NULL ELSE clock_timestamp() END
  WHERE id = $1 AND status = 'sending' AND attempts = $2 RETURNING id`;

/** Writes what came of a try, on the delivery and on its message; whoever comes late changes nothing. */
export async function settle(parts: DeliveryRows, delivery: Taken, sending: Sending): Promise<void> {
  const { db, bell, patience } = parts;
  const end = endOf(delivery, sending, patience);
  const rung: string[] = [];
  await db.transaction(async (manager) => {
    const { id, attempts } = delivery;
    const wait = backoffMs(attempts, patience) / 1_000;
    const [settled] = await rows<{ id: string }>(manager, SETTLE, [
      id,
      attempts,
      end.status,
      end.error,
      end.provider_id,
      wait,
    ]);
    // Deleted with its customer, meanwhile: nothing to note it on.
    const messageId = messageIdOf(delivery);
    if (settled && messageId && (await manager.existsBy(Message, { id: messageId })))
      await mark(parts, manager, delivery, end, rung);
  });
  rung.forEach((jobId) => bell.ring(jobId));
}

interface End {
  status: "sending" | "sent" | "failed" | "queued";
  error?: string | null;
  provider_id?: string | null;
}

/** A notice may be received twice, its id says so; a mail that may have arrived is never sent again. */
function endOf({ kind, attempts }: Taken, sending: Sending, patience: Patience): Required<End> {
  if (sending.kind === "sent") return { status: "sent", error: null, provider_id: sending.providerId };
  const hopeless = sending.kind === "refused" ? sending.forGood : kind !== "webhook";
  const end = { error: sending.words, provider_id: null };
  if (hopeless) return { ...end, status: "failed" };
  if (attempts < patience.attempts) return { ...end, status: "queued" };
  return { ...end, status: "failed", error: `${sending.words} Given up after ${attempts} tries.` };
}

const backoffMs = (attempts: number, { firstMs, longestMs }: Patience): number =>
  Math.min(longestMs, firstMs * 2 ** (attempts - 1));

/** As a job of the system, in the delivery's own transaction: the two never tell different stories. */
async function mark(
  { registry }: DeliveryRows,
  manager: EntityManager,
  delivery: Taken,
  end: End,
  rung: string[],
): Promise<MessageStatus> {
  const { id, result } = await runWithin(manager, registry, {
    by: "deliveries",
    key: `${delivery.id} ${delivery.attempts} ${end.status}`,
    action: "message.mark",
    data: { id: messageIdOf(delivery), ...end },
  });
  rung.push(id);
  return (result as { status: MessageStatus }).status; // As message.mark answers.
}
