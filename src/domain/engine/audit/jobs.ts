import type { EntityManager } from "typeorm";
import type { Authorization } from "../../../entities/authorization.ts";
import { rows } from "../../../database/sql.ts";
import type { Job } from "../../../entities/job.ts";
import { canonical } from "../../core/canonical.ts";
import type { ErrorBody } from "../../core/errors.ts";
import { type ChangeRow, netChanges, type PreviewChange, rowLabel } from "../preview.ts";
import type { AllowedBy, AuditedQuestion, Part, JobEntry, Wanted } from "./entry.ts";

/** Maximum number of changes per job in a list. */
const MOST_CHANGES = 100;

type Row = Job & { rule_made_by: string | null };
type Written = ChangeRow & { job_id: string };

const WHERE = `($1::text[] IS NULL OR j.principal = ANY($1)) AND ($2::text IS NULL OR j.id = $2)
  AND ($3::text IS NULL OR j.id IN (SELECT job_id FROM change WHERE table_name = $3 AND record_id = $4))`;

/** The jobs from `head` on, each with its authorizations and changes. */
export async function jobEntries(
  db: EntityManager,
  wanted: Wanted,
  head: string | null,
): Promise<Part<JobEntry>> {
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
  const questions = await questionsOf(db, ids);
  const written = await changesOf(db, ids, wanted);
  const entries = found.map((row): JobEntry => {
    const own = <Of extends { job_id: string }>(all: Of[]) => all.filter(({ job_id }) => job_id === row.id);
    return { ...entryOf(row, own(questions)), ...changed(db, own(written), job === null) };
  });
  return { entries, total: count?.total ?? 0 };
}

const questionsOf = (db: EntityManager, ids: string[]): Promise<Authorization[]> =>
  rows(db, `SELECT * FROM "authorization" WHERE job_id = ANY($1) ORDER BY created_at, id`, [ids]);

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

function entryOf(job: Row, questions: Authorization[]): Omit<JobEntry, "changes" | "more_changes"> {
  return {
    kind: "job",
    job_id: job.id,
    action: job.action,
    status: job.status,
    at: job.created_at.toISOString(),
    finished_at: job.finished_at?.toISOString() ?? null,
    actor: { key: job.principal, kind: job.principal_kind, name: job.principal_name },
    input: job.input,
    dry_run: job.dry_run,
    reasoning: job.reasoning,
    level: job.level,
    allowed_by: job.status === "completed" && !job.dry_run ? allowedBy(job, questions) : null,
    authorizations: questions.map(questionOf),
    error: job.error as ErrorBody | null, // Written by execute.ts from a CrmError's body.
  };
}

function allowedBy(job: Row, questions: Authorization[]): AllowedBy {
  const { allowed_by: id, rule_made_by, principal_kind } = job;
  if (id !== null && rule_made_by !== null) return { by: "rule", id, words: `${id} made by ${rule_made_by}` };
  const decision = questions.find((question) => question.id === id);
  if (id === null || !decision) return { by: "level", id: null, words: `the ${principal_kind}'s own level` };
  const how = decision.upgrade_permission ? "Allow Always" : "Allow Once";
  return { by: "person", id, words: `${decision.decided_by_name}, ${how}, ${id}` };
}

const questionOf = (question: Authorization): AuditedQuestion => ({
  id: question.id,
  status: question.status,
  reason: question.reason,
  decided_by: question.decided_by_name,
  decided_at: question.decided_at?.toISOString() ?? null,
  note: question.note,
  upgrade_permission: question.upgrade_permission,
  edited: question.data && {
    by: question.edited_by_name ?? "",
    at: question.created_at.toISOString(),
    data: question.data,
  },
});

function changed(db: EntityManager, written: Written[], cut: boolean) {
  const shown = cut ? written.slice(0, MOST_CHANGES) : written;
  return {
    changes: netChanges(shown).map((change) => changeOf(db, change)),
    more_changes: shown.length < written.length,
  };
}

/** The change with bookkeeping columns; for an update only the columns that differ. */
function changeOf(db: EntityManager, change: Written): PreviewChange {
  const { table_name: record, record_id: id, operation, before, after } = change;
  const differs = (column: string) => canonical(before?.[column]) !== canonical(after?.[column]);
  const shown = (row: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(row).filter(([column]) => operation !== "update" || differs(column)));
  return {
    record,
    id,
    label: rowLabel(db, record, before ?? after ?? {}),
    operation,
    before: before && shown(before),
    after: after && shown(after),
  };
}
