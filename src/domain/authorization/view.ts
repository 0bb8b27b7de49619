import type { EntityManager } from "typeorm";
import type { Authorization, AuthorizationStatus } from "../../entities/authorization.ts";
import { rows } from "../../entities/database.ts";
import type { Job } from "../../entities/job.ts";
import { digestOf } from "../core/canonical.ts";
import { pageOf } from "../core/pages.ts";
import { notFound } from "../core/errors.ts";
import type { AuthorizationView, List, Moved, Page, Preview } from "../core/ports.ts";
import { mayDecide, principalKey, type Principal } from "../core/principal.ts";

/** An authorization with what it needs of its job. */
export type AuthorizationRow = Authorization &
  Pick<Job, "action" | "reasoning" | "principal" | "principal_kind" | "principal_name">;

const SELECT = `SELECT a.*, j.action, j.reasoning, j.principal, j.principal_kind, j.principal_name
  FROM "authorization" a JOIN job j ON j.id = a.job_id`;

/** One authorization; an agent sees only those of its own jobs. `lock` holds the row for a decision. */
export async function readAuthorization(
  db: EntityManager,
  actor: Principal,
  id: string,
  lock = false,
): Promise<AuthorizationRow> {
  const [found] = await rows<AuthorizationRow>(
    db,
    `${SELECT} WHERE a.id = $1 AND ($2::text IS NULL OR j.principal = $2)${lock ? " FOR UPDATE OF a" : ""}`,
    [id, onlyOwn(actor)],
  );
  if (!found) throw notFound("authorization", id);
  return found;
}

/** The newest first. */
export async function listAuthorizations(
  db: EntityManager,
  actor: Principal,
  { status, ...page }: Page & { status?: AuthorizationStatus },
): Promise<List<AuthorizationView>> {
  const list = await pageOf<AuthorizationRow>(db, {
    select: SELECT,
    id: "a.id",
    where: "($1::text IS NULL OR j.principal = $1) AND ($2::text IS NULL OR a.status = $2)",
    parameters: [onlyOwn(actor), status ?? null],
    page,
  });
  return { ...list, items: list.items.map(authorizationView) };
}

/** People see everything; an agent what it asked for itself. */
export const onlyOwn = (actor: Principal): string | null => (mayDecide(actor) ? null : principalKey(actor));

export function authorizationView(row: AuthorizationRow): AuthorizationView {
  const shown = {
    action: row.action,
    title: row.title,
    reason: row.reason,
    reasoning: row.reasoning,
    requested_by: { kind: row.principal_kind, name: row.principal_name },
    facts: row.facts,
    preview: row.preview as Preview, // Written by park.ts as such.
    moved: row.moved as Moved[], // As above.
  };
  return {
    id: row.id,
    job_id: row.job_id,
    status: row.status,
    ...shown,
    created_at: row.created_at.toISOString(),
    expires_at: row.expires_at.toISOString(),
    decided_by: row.decided_by_name,
    decided_at: row.decided_at?.toISOString() ?? null,
    note: row.note,
    superseded_by: row.superseded_by,
    upgrade_permission: row.upgrade_permission,
    view_hash: digestOf({ id: row.id, ...shown }),
  };
}
