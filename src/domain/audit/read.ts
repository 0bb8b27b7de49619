import type { EntityManager } from "typeorm";
import { BusinessRecord } from "../../entities/columns.ts";
import { rows } from "../../entities/database.ts";
import { decodeCursor, encodeCursor } from "../core/cursor.ts";
import { forbidden, validationFailed } from "../core/errors.ts";
import { prefixOf } from "../core/ids.ts";
import type { List, Page } from "../core/ports.ts";
import { mayDecide, type Principal } from "../core/principal.ts";
import { type JobEntry, jobEntries } from "./jobs.ts";
import { type RefusedEntry, refusedEntries } from "./refused.ts";

/** One line of the audit: a request to change something, or a try that was refused at the door. */
export type AuditEntry = JobEntry | RefusedEntry;

export interface AuditFilter extends Page {
  /** A record's id: every job that changed it, with what changed of it alone. */
  entity?: string;
  /** `agent:token_…`, `user:user_…`, `system:demo`, `anonymous`; or the name, e-mail or id of a token or a person. */
  actor?: string;
  job?: string;
}

/** What both halves of the audit are asked; `head` is the newest entry that may be shown. */
export interface Wanted {
  record: { table: string; id: string } | null;
  actors: string[] | null;
  job: string | null;
  limit: number;
}

/** One half of the audit: from `head` on, the newest first, one more than asked for; and how many there are in all. */
export interface Half<Entry> {
  entries: Entry[];
  total: number;
}

/** The cursor holds the first entry of either half that was not shown yet: nothing is skipped, nothing repeated. */
const POSITION = { by: "", as: "bigint", nullable: true } as const;
const OVER = "-1";

/** Everything that was asked, done and refused, the newest first; owner and office only. */
export async function readAudit(
  db: EntityManager,
  actor: Principal,
  filter: AuditFilter,
): Promise<List<AuditEntry>> {
  if (!mayDecide(actor)) throw refuseAudit();
  const { limit = 20, cursor, ...question } = filter;
  const head = cursor === undefined ? null : decodeCursor(cursor, question, POSITION);
  const wanted: Wanted = {
    record: question.entity === undefined ? null : recordOf(db, question.entity),
    actors: question.actor === undefined ? null : await actorsOf(db, question.actor),
    job: question.job ?? null,
    limit,
  };
  const jobs = await jobEntries(db, wanted, head && head.id);
  const refused = await refusedEntries(db, wanted, head && Number(head.value));
  const { items, nextJob, nextRefused } = merged(jobs.entries, refused.entries, limit);
  const over = !nextJob && !nextRefused;
  const next = { id: nextJob?.job_id ?? "", value: String(nextRefused?.event_id ?? OVER) };
  return {
    items,
    next_cursor: over ? null : encodeCursor(next, question),
    total: jobs.total + refused.total,
  };
}

const refuseAudit = () =>
  forbidden("The audit is for the owner and the office.", "Ask the owner; your own jobs are in GET /api/jobs.");

/** By time; each half stays in its own order, whatever the clocks said. */
function merged(jobs: readonly JobEntry[], refused: readonly RefusedEntry[], limit: number) {
  const items: AuditEntry[] = [];
  let job = 0;
  let event = 0;
  while (items.length < limit) {
    const [one, other] = [jobs[job], refused[event]];
    if (one && (!other || one.at >= other.at)) items.push(one) && job++;
    else if (other) items.push(other) && event++;
    else break;
  }
  return { items, nextJob: jobs[job], nextRefused: refused[event] };
}

/** Where the changes of a record are kept: its id's prefix names the table; the settings are one row. */
function recordOf(db: EntityManager, id: string): { table: string; id: string } {
  const table = prefixOf(id) ?? id;
  const metadata = db.dataSource.entityMetadatas.find(({ tableName }) => tableName === table);
  const target = metadata?.target;
  if (typeof target === "function" && target.prototype instanceof BusinessRecord) return { table, id };
  throw validationFailed(
    [{ path: "entity", message: "must be the id of a record, such as contact_01k… or ticket_01k…" }],
    "A job's id goes into job, a person's or a token's into actor.",
  );
}

const KEY = /^(?:(?:agent|user|system):.+|anonymous)$/;

/** The principals that a key, an id, an e-mail or a name stands for; a name may be that of several. */
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
    [{ path: "actor", message: "is the name of no token and no person here" }],
    "Send a whole name or e-mail, or a key as the entries show it: agent:token_…, user:user_…, system:demo, anonymous.",
  );
}
