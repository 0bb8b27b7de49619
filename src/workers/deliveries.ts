import type { DataSource, EntityManager } from "typeorm";
import { rows } from "../database/sql.ts";
import type { Clock } from "../domain/core/clock.ts";
import type { Registry } from "../domain/core/registry.ts";
import type { Notifier } from "../queue/notify.ts";
import type { ClaimedDelivery, SendResult } from "./channels/channel.ts";
import { deliveryKinds, recordIdOf } from "./delivery-kinds.ts";
import { runSystemJobWithin } from "./system-job.ts";

/** Number, backoff and time limit of a delivery's attempts. */
export interface RetryPolicy {
  attempts: number;
  /** Backoff after the first attempt; doubles after each further attempt. */
  firstBackoffMs: number;
  maxBackoffMs: number;
  /** Time limit of an attempt, after which it is aborted and its result is unknown. */
  attemptMs: number;
  /** The lease lasts this much longer than the attempt, so that the result can be recorded. */
  graceMs: number;
}

/** Retries for about five hours, so that a mail server may be down for one. */
export const RETRY_POLICY: RetryPolicy = {
  attempts: 12,
  firstBackoffMs: 30_000,
  maxBackoffMs: 3_600_000,
  attemptMs: 60_000,
  graceMs: 30_000,
};

export interface DeliveryRows {
  db: DataSource;
  registry: Registry;
  notifier: Notifier;
  retryPolicy: RetryPolicy;
  /** Decides when a delivery is due; the default is the database's clock, which always decides leases. */
  clock?: Clock | undefined;
}

/** SQL: whether a queued delivery is due at $1. A new delivery without a scheduled time is always due. */
export const DUE = `(next_attempt_at <= coalesce($1::timestamptz, clock_timestamp())
  OR attempts = 0 AND next_attempt_at = created_at)`;

const CLAIM = `UPDATE delivery SET status = 'sending', attempts = attempts + 1,
    next_attempt_at = clock_timestamp() + make_interval(secs => $3)
  WHERE id = $2 AND status = 'queued' AND kind = ANY($4) AND ${DUE}
  RETURNING id, kind, payload, attempts`;

/**
 * Leases a due delivery for one attempt. Undefined if it is leased by another worker, done, not due, or of a kind that
 * only a newer version knows. Cancels the delivery and returns undefined if its record says that it must not be sent.
 */
export async function claim(parts: DeliveryRows, id: string): Promise<ClaimedDelivery | undefined> {
  const { retryPolicy, clock } = parts;
  const leaseSeconds = (retryPolicy.attemptMs + retryPolicy.graceMs) / 1_000;
  return withRecording(parts, async (manager, record) => {
    const parameters = [clock?.now() ?? null, id, leaseSeconds, Object.keys(deliveryKinds)];
    const [delivery] = await rows<ClaimedDelivery>(manager, CLAIM, parameters);
    if (!delivery) return undefined;
    const status = await record(delivery, { status: "sending", error: null, provider_id: null });
    if (status === "sending") return delivery;
    const cancel = "UPDATE delivery SET status = 'cancelled', finished_at = clock_timestamp() WHERE id = $1";
    await rows(manager, cancel, [id]);
    return undefined;
  });
}

const SETTLE = `UPDATE delivery SET status = $3, error = $4, provider_id = $5, dispatched_at = NULL,
    next_attempt_at = coalesce($7::timestamptz, clock_timestamp()) + make_interval(secs => $6),
    finished_at = CASE WHEN $3 = 'queued' THEN NULL ELSE clock_timestamp() END
  WHERE id = $1 AND status = 'sending' AND attempts = $2 RETURNING id`;

/** Records the result of an attempt on the delivery and its record. Changes nothing if the lease has been lost. */
export async function settle(
  parts: DeliveryRows,
  delivery: ClaimedDelivery,
  result: SendResult,
): Promise<void> {
  const { retryPolicy, clock } = parts;
  const { id, attempts } = delivery;
  const end = endOf(delivery, result, retryPolicy);
  const backoffSeconds = backoffMs(attempts, retryPolicy) / 1_000;
  const { status, error, provider_id } = end;
  await withRecording(parts, async (manager, record) => {
    const parameters = [id, attempts, status, error, provider_id, backoffSeconds, clock?.now() ?? null];
    const [settled] = await rows<{ id: string }>(manager, SETTLE, parameters);
    if (settled) await record(delivery, end);
  });
}

/** The result as stored on the delivery and its record. */
interface End {
  status: "sending" | "sent" | "failed" | "queued";
  error: string | null;
  provider_id: string | null;
}

function endOf({ kind, attempts }: ClaimedDelivery, result: SendResult, retryPolicy: RetryPolicy): End {
  if (result.kind === "sent") return { status: "sent", error: null, provider_id: result.providerId };
  const permanent = result.kind === "refused" ? result.permanent : !deliveryKinds[kind].retryUnknown;
  const end = { error: result.words, provider_id: null };
  if (permanent) return { ...end, status: "failed" };
  if (attempts < retryPolicy.attempts) return { ...end, status: "queued" };
  return { ...end, status: "failed", error: `${result.words} Gave up after ${attempts} attempts.` };
}

const backoffMs = (attempts: number, { firstBackoffMs, maxBackoffMs }: RetryPolicy): number =>
  Math.min(maxBackoffMs, firstBackoffMs * 2 ** (attempts - 1));

/** Runs the action that records a result; resolves with the record's status. */
type RecordResult = (delivery: ClaimedDelivery, end: End) => Promise<string>;

/** Updates the delivery and its record in one transaction, then notifies the waiters of the jobs. */
async function withRecording<Result>(
  { db, registry, notifier }: DeliveryRows,
  work: (manager: EntityManager, record: RecordResult) => Promise<Result>,
): Promise<Result> {
  const jobIds: string[] = [];
  const done = await db.transaction((manager) =>
    work(manager, async (delivery, end) => {
      const { record } = deliveryKinds[delivery.kind];
      if (!record) return end.status;
      const recordId = recordIdOf(delivery);
      // The record may have been deleted with its customer.
      if (recordId === undefined || !(await manager.existsBy(record.entity, { id: recordId })))
        return "deleted";
      const { id, result } = await runSystemJobWithin(manager, registry, {
        by: "deliveries",
        key: `${delivery.id} ${delivery.attempts} ${end.status}`,
        action: record.action,
        data: { id: recordId, ...end },
      });
      jobIds.push(id);
      return (result as { status: string }).status; // DeliveryKind.record.action returns this.
    }),
  );
  jobIds.forEach((jobId) => notifier.publish(jobId));
  return done;
}
