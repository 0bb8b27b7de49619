import type { EntityManager } from "typeorm";
import type { Authorization, AuthorizationStatus } from "../../../entities/authorization.ts";
import type { RuleOffer } from "../../../entities/rule-scope.ts";
import { rows } from "../../../database/sql.ts";
import type { Job } from "../../../entities/job.ts";
import { digestOf } from "../../core/canonical.ts";
import { decodeCursor, encodeCursor } from "../../query/cursor.ts";
import { type List, type Page, pageOf } from "../../query/list.ts";
import { notFound } from "../../core/errors.ts";
import type { Moved } from "../diff-previews.ts";
import { type Edited, editOf } from "./edited.ts";
import type { Preview, PreviewChange } from "../preview.ts";
import { mayDecide, principalKey, type Principal } from "../../core/principal.ts";

/** The columns of its job that are shown with an authorization. */
type Request = Pick<Job, "action" | "reasoning" | "principal" | "principal_kind" | "principal_name"> & {
  /** Digest of facts, preview, differences and data, made by the database so that lists need not read them. */
  contents: string;
  /** Who changed the request, where another authorization replaced this one for that reason. */
  changed_by: string | null;
};

/** An authorization with the columns of its job that are shown. */
export type AuthorizationRow = Authorization & Request & Pick<Job, "input">;

/** As `AuthorizationRow`, with counts and first rows in place of the contents. */
type ListedRow = Omit<Authorization, "facts" | "preview" | "moved" | "data"> &
  Request & { preview: PreviewSummary };

const REQUEST = `j.action, j.reasoning, j.principal, j.principal_kind, j.principal_name,
  encode(sha256(convert_to(jsonb_build_array(a.facts, a.preview, a.moved, a.data)::text, 'UTF8')), 'hex') AS contents,
  CASE WHEN a.status = 'superseded' AND a.decided_at IS NULL THEN
    (SELECT edit.edited_by_name FROM "authorization" edit WHERE edit.id = a.superseded_by) END AS changed_by`;

const FROM = `FROM "authorization" a JOIN job j ON j.id = a.job_id`;

/** Rows of a preview that a list shows. */
const ROWS_IN_LISTS = 3;

const SUMMARY = `jsonb_build_object(
  'counts', (SELECT coalesce(jsonb_agg(jsonb_build_object('record', record, 'operation', operation, 'count', count)
      ORDER BY first), '[]')
    FROM (SELECT c->>'record' AS record, c->>'operation' AS operation, count(*) AS count, min(place) AS first
      FROM jsonb_array_elements(a.preview->'changes') WITH ORDINALITY AS change(c, place) GROUP BY 1, 2) AS kinds),
  'changes', (SELECT coalesce(jsonb_agg(c - 'before' - 'after'), '[]')
    FROM jsonb_path_query(a.preview, '$.changes[0 to ${ROWS_IN_LISTS - 1}]') AS c),
  'messages', coalesce(jsonb_array_length(a.preview->'messages'), 0),
  'money', coalesce(jsonb_array_length(a.preview->'money'), 0))`;

const SELECT_LISTED = `SELECT a.id, a.job_id, a.status, a.title, a.reason, a.created_at, a.expires_at,
  a.decided_by_name, a.decided_at, a.note, a.superseded_by, a.upgrade_permission, a.destructive, a.causes,
  a.rule_offer, a.edited_by_name, ${REQUEST}, ${SUMMARY} AS preview ${FROM}`;

const SELECT_ONE = `SELECT a.*, j.input, ${REQUEST} ${FROM} WHERE a.id = $1 AND ($2::text IS NULL OR j.principal = $2)`;

/** One authorization; an agent sees only those of its own jobs. */
export async function readAuthorization(
  db: EntityManager,
  actor: Principal,
  id: string,
): Promise<AuthorizationRow> {
  const [found] = await rows<AuthorizationRow>(db, SELECT_ONE, [id, onlyOwn(actor)]);
  if (!found) throw notFound("authorization", id);
  return found;
}

/** As `readAuthorization`, and holds the row for a decision until the transaction ends. */
export async function lockAuthorization(
  db: EntityManager,
  actor: Principal,
  id: string,
): Promise<AuthorizationRow> {
  const [found] = await rows<AuthorizationRow>(db, `${SELECT_ONE} FOR UPDATE OF a`, [id, onlyOwn(actor)]);
  if (!found) throw notFound("authorization", id);
  return found;
}

/** The newest first, with counts and first rows in place of whole previews. */
export async function listAuthorizations(
  db: EntityManager,
  actor: Principal,
  { status, ...page }: Page & { status?: AuthorizationStatus },
): Promise<List<AuthorizationSummary>> {
  const list = await pageOf<ListedRow>(db, {
    select: SELECT_LISTED,
    id: "a.id",
    where: "($1::text IS NULL OR j.principal = $1) AND ($2::text IS NULL OR a.status = $2)",
    parameters: [onlyOwn(actor), status ?? null],
    page,
  });
  return { ...list, items: list.items.map(authorizationSummary) };
}

/** The principal to filter by: null for owner and office, who see everything. */
export const onlyOwn = (actor: Principal): string | null => (mayDecide(actor) ? null : principalKey(actor));

export const authorizationView = (row: AuthorizationRow): AuthorizationView => ({
  ...withoutContents(row),
  data: row.data ?? row.input,
  edited: editOf({ by: row.edited_by_name, sent: row.input, data: row.data }),
  facts: row.facts,
  preview: row.preview as Preview, // Written by park.ts as such.
  moved: row.moved as Moved[], // As above.
});

const authorizationSummary = (row: ListedRow): AuthorizationSummary => ({
  ...withoutContents(row),
  preview: row.preview,
});

function withoutContents(
  row: Omit<ListedRow, "preview">,
): Omit<AuthorizationView, "facts" | "preview" | "moved" | "data"> {
  const shown = {
    edited: row.edited_by_name === null ? null : { by: row.edited_by_name },
    action: row.action,
    title: row.title,
    reason: row.reason,
    reasoning: row.reasoning,
    requested_by: { kind: row.principal_kind, name: row.principal_name },
    allow_always: row.rule_offer && { ...row.rule_offer, causes: row.causes },
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
    changed_by: row.changed_by,
    upgrade_permission: row.upgrade_permission,
    destructive: row.destructive,
    view_hash: digestOf({ id: row.id, ...shown, contents: row.contents }),
  };
}

/** A preview in a list. */
export interface PreviewSummary {
  /** All rows, by record and operation. */
  counts: { record: string; operation: PreviewChange["operation"]; count: number }[];
  /** The first rows, without their columns. */
  changes: Omit<PreviewChange, "before" | "after">[];
  messages: number;
  money: number;
}

/** An authorization in a list. */
export type AuthorizationSummary = Omit<AuthorizationView, "facts" | "preview" | "moved" | "data"> & {
  preview: PreviewSummary;
};

export interface AuthorizationView {
  id: string;
  job_id: string;
  status: AuthorizationStatus;
  /** `contact.delete` */
  action: string;
  /** `Delete customer: Johnson Family` */
  title: string;
  reason: string;
  /** The model's own words: unverified. */
  reasoning: string | null;
  requested_by: { kind: string; name: string };
  /** What the action would run with. */
  data: Record<string, unknown>;
  /** What a person changed in the data that was sent; null: nothing. A list says only who. */
  edited: Edited | null;
  facts: Record<string, unknown>;
  preview: Preview;
  moved: Moved[];
  /** What Allow Always would be about, and how it can be limited; null: it is not offered. */
  allow_always: (RuleOffer & { causes: string[] }) | null;
  created_at: string;
  expires_at: string;
  /** Name of the person. */
  decided_by: string | null;
  decided_at: string | null;
  note: string | null;
  superseded_by: string | null;
  /** Who changed the request, where that is why it was replaced. */
  changed_by: string | null;
  upgrade_permission: boolean;
  /** Whether it takes something away. */
  destructive: boolean;
  /** Covers what the page shows; sent back with the decision. */
  view_hash: string;
}

/** A cursor of previewPage holds the place of the next row. */
const PLACE = { by: "", as: "bigint" } as const;

/** One page of the rows that the authorization's preview holds, in the order of the whole preview. */
export function previewPage(
  { id, preview: { changes } }: Pick<AuthorizationView, "id" | "preview">,
  { limit = 20, cursor }: Page,
): List<PreviewChange> {
  const list = ["changes", id];
  const from = cursor === undefined ? 0 : Number(decodeCursor(cursor, list, PLACE).value);
  const next = from + limit;
  return {
    items: changes.slice(from, next),
    next_cursor: next < changes.length ? encodeCursor({ value: String(next), id }, list) : null,
    total: changes.length,
  };
}
