import type { EntityManager } from "typeorm";
import type { Authorization } from "../../entities/authorization.ts";
import { rows } from "../../entities/database.ts";
import type { Job, JobStatus, PrincipalKind } from "../../entities/job.ts";
import { canonical } from "../core/canonical.ts";
import type { ErrorBody } from "../core/errors.ts";
import type { PreviewChange } from "../core/ports.ts";
import { type ChangeRow, netChanges, rowLabel } from "../core/preview.ts";
import type { Half, Wanted } from "./read.ts";

/** A request to change something, and what became of it. */
export interface JobEntry {
  kind: "job";
  job_id: string;
  action: string;
  status: JobStatus;
  /** When it was asked. */
  at: string;
  finished_at: string | null;
  actor: { key: string; kind: PrincipalKind; name: string };
  /** What was asked, as it was sent. */
  input: Record<string, unknown>;
  dry_run: boolean;
  /** The caller's own words: unverified. */
  reasoning: string | null;
  level: string | null;
  /** Null for what has not happened. */
  allowed_by: AllowedBy | null;
  /** Every question that it put to people, in order. */
  authorizations: AuditedQuestion[];
  /** Why it was refused. */
  error: ErrorBody | null;
  /** What it did, one per record. */
  changes: PreviewChange[];
  /** There are more than a list shows; asked for by `job` all of them come. */
  more_changes: boolean;
}

export interface AllowedBy {
  by: "person" | "rule" | "level";
  /** `auth_…`, `rule_…` */
  id: string | null;
  /** `Olga Owner, Allow Once, auth_…` */
  words: string;
}

export interface AuditedQuestion {
  id: string;
  status: Authorization["status"];
  reason: string;
  decided_by: string | null;
  decided_at: string | null;
  note: string | null;
  /** Allow Always. */
  upgrade_permission: boolean;
}

/** Written changes of one job in a list. */
const MOST_CHANGES = 100;

type Row = Job & { rule_made_by: string | null };
type Written = ChangeRow & { job_id: string };

const WHERE = `($1::text[] IS NULL OR j.principal = ANY($1)) AND ($2::text IS NULL OR j.id = $2)
  AND ($3::text IS NULL OR j.id IN (SELECT job_id FROM change WHERE table_name = $3 AND record_id = $4))`;

/** The jobs from `head` on, each with its questions and what it changed. */
export async function jobEntries(
  db: EntityManager,
  wanted: Wanted,
  head: string | null,
): Promise<Half<JobEntry>> {
  const { actors, job, record, limit } = wanted;
  const parameters = [actors, job, record?.table ?? null, record?.id ?? null];
  const found = await rows<Row>(
    db,
    `SELECT j.*, rule.created_by_name AS rule_made_by FROM job j LEFT JOIN rule ON rule.id = j.allowed_by
     WHERE ${WHERE} AND ($5::text IS NULL OR j.id <= $5) ORDER BY j.id DESC LIMIT $6`,
    [...parameters, head, limit + 1],
  );
  const [count] = await rows<{ total: number }>(
    db,
    `SELECT count(*) AS total FROM job j WHERE ${WHERE}`,
    parameters,
  );
  const ids = found.map(({ id }) => id);
  const questions = Map.groupBy(await questionsOf(db, ids), ({ job_id }) => job_id);
  const written = Map.groupBy(await changesOf(db, ids, wanted), ({ job_id }) => job_id);
  const entries = found.map((row) => entryOf(db, row, questions.get(row.id), written.get(row.id)));
  return { entries, total: count?.total ?? 0 };
}

const questionsOf = (db: EntityManager, ids: string[]): Promise<Authorization[]> =>
  rows(db, `SELECT * FROM "authorization" WHERE job_id = ANY($1) ORDER BY id`, [ids]);

const changesOf = (db: EntityManager, ids: string[], { record, job }: Wanted): Promise<Written[]> =>
  rows(
    db,
    `SELECT written.* FROM unnest($1::text[]) AS wanted (id) CROSS JOIN LATERAL (
       SELECT id, job_id, table_name, record_id, operation, before, after FROM change
       WHERE job_id = wanted.id AND ($2::text IS NULL OR (table_name = $2 AND record_id = $3))
       ORDER BY id LIMIT $4
     ) AS written ORDER BY written.id`,
    [ids, record?.table ?? null, record?.id ?? null, job === null ? MOST_CHANGES + 1 : null],
  );
