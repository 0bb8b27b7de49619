import type { EntityManager } from "typeorm";
import { BusinessRecord } from "../../../entities/columns.ts";
import { rows } from "../../../database/sql.ts";
import { decodeCursor, encodeCursor } from "../../query/cursor.ts";
import { forbidden, validationFailed } from "../../core/errors.ts";
import { prefixOf } from "../../core/ids.ts";
import type { List } from "../../query/list.ts";
import { mayDecide, type Principal } from "../../core/principal.ts";
import type { AuditEntry, AuditFilter, Wanted } from "./entry.ts";
import { jobEntries } from "./jobs.ts";
import { refusedEntries } from "./refused.ts";
import { ruleEntries } from "./rules.ts";

/** One page of the audit: jobs, refused attempts and rule changes, newest first. Owner and office only. */
export async function readAudit(
  db: EntityManager,
  actor: Principal,
  filter: AuditFilter,
): Promise<List<AuditEntry>> {
  if (!mayDecide(actor)) throw refuseAudit();
  const { limit = 20, cursor, ...question } = filter;
  const heads = cursor === undefined ? FROM_THE_START : headsIn(cursor, question);
  const wanted: Wanted = {
    record: question.entity === undefined ? null : recordOf(db, question.entity),
    actors: question.actor === undefined ? null : await actorsOf(db, question.actor),
    job: question.job ?? null,
    limit,
  };
  const jobs = await jobEntries(db, wanted, heads.job);
  const refused = await refusedEntries(db, wanted, heads.refused);
  const rules = await ruleEntries(db, wanted, heads.rule);
  const { items, left } = merged([jobs.entries, refused.entries, rules.entries], limit);
  return {
    items,
    next_cursor: left.length > 0 ? cursorOf(left, question) : null,
    total: jobs.total + refused.total + rules.total,
  };
}

/** The first entry of each part that was not returned yet. */
interface Heads {
  job: string | null;
  refused: number | null;
  rule: number | null;
}
const FROM_THE_START: Heads = { job: null, refused: null, rule: null };

/** Head of a finished part: below every id, so that nothing more is found. */
const OVER = -1;
const POSITION = { by: "", as: "text" } as const;
const NUMBERS = /^(-?\d{1,18}) (-?\d{1,18})$/;

/** A cursor with the heads of all parts, so that no entry is skipped or repeated. */
function cursorOf(left: readonly AuditEntry[], question: unknown): string {
  const heads = { job: "", refused: OVER, rule: OVER };
  for (const entry of left) {
    if (entry.kind === "job") heads.job = entry.job_id;
    if (entry.kind === "refused") heads.refused = entry.event_id;
    if (entry.kind === "rule") heads.rule = entry.change_id;
  }
  return encodeCursor({ id: heads.job, value: `${heads.refused} ${heads.rule}` }, question);
}

function headsIn(cursor: string, question: unknown): Heads {
  const { id, value } = decodeCursor(cursor, question, POSITION);
  const [, refused, rule] = NUMBERS.exec(value ?? "") ?? [];
  if (refused === undefined || rule === undefined)
    throw validationFailed([
      { path: "cursor", message: "is invalid; send next_cursor of the previous page unchanged" },
    ]);
  return { job: id, refused: Number(refused), rule: Number(rule) };
}

const refuseAudit = () =>
  forbidden(
    "The audit is for the owner and the office.",
    "Ask the owner; your own jobs are in GET /api/jobs.",
  );

/**
 * Merges by time. Each part keeps its own order even if clocks disagree. `left` has the first entry of each part that
 * was not taken.
 */
function merged(parts: readonly (readonly AuditEntry[])[], limit: number) {
  const rest = parts.map((entries) => [...entries]);
  const newest = ([head]: AuditEntry[]): string => head?.at ?? "";
  const items: AuditEntry[] = [];
  while (items.length < limit) {
    const [next] = [...rest].sort((one, other) => newest(other).localeCompare(newest(one)));
    const entry = next?.shift();
    if (!entry) break;
    items.push(entry);
  }
  return { items, left: rest.flatMap((entries) => entries.slice(0, 1)) };
}

/** The table and id of a record or a rule. The id's prefix names the table; the settings are one row without a prefix. */
function recordOf(db: EntityManager, id: string): { table: string; id: string } {
  const table = prefixOf(id) ?? id;
  if (table === "rule" && id !== table) return { table, id };
  const metadata = db.dataSource.entityMetadatas.find(({ tableName }) => tableName === table);
  const target = metadata?.target;
  if (typeof target === "function" && target.prototype instanceof BusinessRecord) return { table, id };
  throw validationFailed(
    [{ path: "entity", message: "must be the id of a record, such as contact_01k… or ticket_01k…" }],
    "A job's id goes into job, a person's or a token's into actor.",
  );
}

const KEY = /^(?:(?:agent|user|system):.+|anonymous)$/;

/** The principals that match a key, id, e-mail or name; several may have the same name. */
async function actorsOf(db: EntityManager, asked: string): Promise<string[]> {
  if (KEY.test(asked)) return [asked];
  const found = await rows<{ key: string }>(
    db,
    `SELECT 'agent:' || id AS key FROM api_token WHERE id = $1 OR lower(name) = lower($1)
     UNION SELECT 'user:' || id FROM "user" WHERE id = $1 OR lower(name) = lower($1) OR email = lower($1)`,
    [asked],
  );
  if (found.length > 0) return found.map(({ key }) => key);
  throw validationFailed(
    [{ path: "actor", message: "matches no token and no person" }],
    "Send a whole name or e-mail, or a key as the entries show it: agent:token_…, user:user_…, system:demo, anonymous.",
  );
}
