import type { EntityManager } from "typeorm";
import type { Authorization } from "../../../entities/authorization.ts";
import { rows } from "../../../database/sql.ts";
import type { Attempt } from "../attempt.ts";
import type { Run } from "../run.ts";
import type { Outcome } from "../jobs.ts";
import { offerOf } from "./coverage.ts";
import { newId, prefixOf } from "../../core/ids.ts";
import { diffPreviews, type Moved } from "../diff-previews.ts";
import { labelOf, type Preview } from "../preview.ts";
import { limitPending } from "./limits.ts";

/** The authorization that a job waits for: pending, or authorized but not executed yet. Locks the row. */
export async function liveAuthorization(db: EntityManager, jobId: string): Promise<Authorization | null> {
  const [live] = await rows<Authorization>(
    db,
    `SELECT * FROM "authorization" WHERE job_id = $1 AND status IN ('pending', 'authorized') FOR UPDATE`,
    [jobId],
  );
  return live ?? null;
}

/** A new authorization. */
interface Question {
  id: string;
  /** The preview that a person is shown. */
  seen: Attempt;
  /** What differs from the approved preview that it replaces. */
  moved: Moved[];
  /** How long it waits, unless the settings say otherwise. */
  ttlMs: number;
  /** What a person made of the request. */
  edit: Edit | null;
}

/** The data that a person put in the place of what was sent. */
export type Edit = Pick<Authorization, "data" | "edited_by" | "edited_by_kind" | "edited_by_name">;

interface ParkOptions {
  authorizationTtlMs: number;
  mostPending?: number;
}

/**
 * Parks a job: stores its preview and waits for a person, for the TTL of the settings or else for `authorizationTtlMs`.
 * Throws where too many requests wait already.
 */
export async function park(run: Run, seen: Attempt, options: ParkOptions): Promise<Outcome> {
  await limitPending(run, seen, options.mostPending);
  return ask(run, { id: newId("auth"), seen, moved: [], ttlMs: options.authorizationTtlMs, edit: null });
}

async function ask(run: Run, question: Question): Promise<Outcome> {
  const expiresAt = await writeAuthorization(run, question);
  const [job] = await rows<{ dispatches: number }>(
    run.db,
    `UPDATE job SET status = 'authorization_required', level = $2, dispatches = dispatches + 1,
       dispatched_at = clock_timestamp() WHERE id = $1 RETURNING dispatches`,
    [run.job.id, "requires_authorization"],
  );
  return { kind: "parked", expiresAt, dispatch: job?.dispatches ?? 0 };
}

/** Replaces an approved authorization whose preview is outdated, and shows what differs. */
export async function supersede(
  run: Run,
  old: Authorization,
  { seen, ttlMs }: Pick<Question, "seen" | "ttlMs">,
): Promise<Outcome> {
  const shown = { facts: old.facts, preview: old.preview as Preview }; // Written below as such.
  const moved = seen.snapshot ? diffPreviews(shown, seen.snapshot) : [];
  const id = await close(run.db, old);
  return ask(run, { id, seen, moved, ttlMs, edit: old.data ? old : null });
}

/** Marks it as replaced; resolves with the id for the new one. */
async function close(db: EntityManager, { id: old }: Authorization): Promise<string> {
  const id = newId("auth");
  await rows(db, `UPDATE "authorization" SET status = 'superseded', superseded_by = $2 WHERE id = $1`, [
    old,
    id,
  ]);
  return id;
}

/**
 * Replaces a pending authorization by one for what a person made of the request. It waits as long as the old one did. The
 * timer in the queue stays: it finds the new one when it is due, and waits on.
 */
export async function replaceByEdit(
  run: Run,
  old: Authorization,
  { seen, edit }: { seen: Attempt; edit: Edit },
): Promise<string> {
  const id = await close(run.db, old);
  const ttlMs = old.expires_at.getTime() - old.created_at.getTime();
  await writeAuthorization(run, { id, seen, moved: [], ttlMs, edit });
  return id;
}

/** Ends an authorization and its job after the expiry. */
export async function expire(db: EntityManager, { id, job_id }: Authorization): Promise<void> {
  await rows(db, `UPDATE "authorization" SET status = 'expired' WHERE id = $1`, [id]);
  await rows(db, "UPDATE job SET status = 'expired', finished_at = clock_timestamp() WHERE id = $1", [
    job_id,
  ]);
}

async function writeAuthorization(run: Run, question: Question): Promise<Date> {
  const { id, seen, moved, ttlMs, edit } = question;
  const { db, job } = run;
  const { snapshot, causes, hits } = seen;
  const [written] = await rows<{ expires_at: Date }>(
    db,
    `INSERT INTO "authorization" (id, job_id, title, reason, causes, facts, preview, digest, moved, records,
       destructive, rule_offer, data, edited_by, edited_by_kind, edited_by_name, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $13, $14, $15, $16, $17, clock_timestamp() +
       coalesce((SELECT make_interval(hours => authorization_ttl_hours) FROM settings), make_interval(secs => $12)))
     RETURNING expires_at`,
    [
      id,
      job.id,
      await titleOf(run),
      reasonOf(question),
      [...new Set(causes.map((cause) => cause.kind))],
      JSON.stringify(snapshot?.facts ?? {}),
      JSON.stringify(snapshot?.preview ?? {}),
      snapshot?.digest ?? "",
      JSON.stringify(moved),
      [...seen.targets],
      hits.size > 0 || deletes(snapshot),
      ttlMs / 1000,
      JSON.stringify(offerOf(seen)),
      edit && JSON.stringify(edit.data),
      edit?.edited_by ?? null,
      edit?.edited_by_kind ?? null,
      edit?.edited_by_name ?? null,
    ],
  );
  if (!written) throw new Error("an insert returned no row");
  return written.expires_at;
}

function reasonOf({ seen: { causes }, edit, moved }: Question): string {
  if (causes.length > 0) return causes.map(({ reason }) => reason).join("; ");
  return edit && moved.length === 0
    ? `${edit.edited_by_name} changed the request`
    : "The records have changed since it was allowed";
}

const deletes = (snapshot: Attempt["snapshot"]): boolean =>
  snapshot?.preview.changes.some(({ operation }) => operation === "delete") ?? false;

/** `Delete customer: Johnson Family` */
async function titleOf({ db, registry, action, input }: Run): Promise<string> {
  const noun = registry.domains.find(({ domain }) => domain === action.domain)?.noun ?? action.domain;
  const verb = action.name.replaceAll("_", " ");
  const [target] = action.targets?.(input) ?? [];
  const label = target && (await labelOf(db, prefixOf(target) ?? "", target));
  return `${verb[0]?.toUpperCase()}${verb.slice(1)} ${noun}${label ? `: ${label}` : ""}`;
}
