import type { EntityManager } from "typeorm";
import { BusinessRecord } from "../../entities/columns.ts";
import { rows } from "../../entities/database.ts";
import { decodeCursor, encodeCursor } from "../core/cursor.ts";
import { forbidden, validationFailed } from "../core/errors.ts";
import { prefixOf } from "../core/ids.ts";
import type { List } from "../core/ports.ts";
import { mayDecide, type Principal } from "../core/principal.ts";
import type { AuditEntry, AuditFilter, JobEntry, RefusedEntry, Wanted } from "./entry.ts";
import { jobEntries } from "./jobs.ts";
import { refusedEntries } from "./refused.ts";

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
  forbidden(
    "The audit is for the owner and the office.",
    "Ask the owner; your own jobs are in GET /api/jobs.",
  );

/** By time; each half stays in its own order, whatever the clocks said. */
function merged(jobs: readonly JobEntry[], refused: readonly RefusedEntry[], limit: number) {
  const items: AuditEntry[] = [];
  let job = 0;
  while (items.length < limit) {
    const [one, other] = [jobs[job], refused[items.length - job]];
    const next = one && (!other || one.at >= other.at) ? one : other;
    if (!next) break;
    items.push(next);
    if (next === one) job++;
  }
  return { items, nextJob: jobs[job], nextRefused: refused[items.length - job] };
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
