import { z } from "zod";
import { rows } from "../../../database/sql.ts";
import type { Job } from "../../../entities/job.ts";
import { type Context, defineAction, type StandsFor } from "../../core/action.ts";
import { conflict, CrmError, notFound } from "../../core/errors.ts";
import { idOf } from "../../core/ids.ts";
import { needsAuthorization } from "../../core/permission.ts";
import { mayDecide, principalKey } from "../../core/principal.ts";
import { lastJobOn, revertChanges, reversedRows, type TableRow } from "../revert.ts";

export const undoJob = defineAction({
  domain: "job",
  name: "undo",
  summary:
    "Undo a completed job: every record it changed returns to its earlier state. Refused where a record changed since.",
  permission: "unrestricted",
  input: z.strictObject({ job_id: idOf("job") }),
  editable: false, // What was undone is found by the job_id that was sent.
  example: { job_id: "job_01kb2m6x8efh5rt3zqk9w7ycd4" },

  raisedWhen:
    "requires_authorization when a person approved the job, or when the action that writes the same rows would: a row that goes is a deletion",

  outcome: ({ action, sent }: Undone) =>
    `Undone: ${action}.${sent ? ` Already sent, and cannot be taken back: ${sent.join(", ")}. Tell who got it.` : ""}`,

  async standsFor(context, { job_id }) {
    const job = await findUndoable(context, job_id);
    const calls: StandsFor[] = [];
    for (const row of await reversedRows(context.db, job.id)) calls.push(...standsFor(context, row));
    return calls;
  },

  async escalate(context, { job_id }) {
    const { allowed_by } = await findUndoable(context, job_id);
    if (context.actor.kind !== "agent" || !allowed_by?.startsWith("auth_")) return false;
    const facts = { job_id, approved_by: allowed_by };
    return { ...needsAuthorization("A person approved what this takes back", facts), everyTime: true };
  },

  async handler(context, { job_id }): Promise<Undone> {
    const job = await findUndoable(context, job_id);
    for (const row of await reversedRows(context.db, job.id)) await checkStillAllowed(context, row);
    const { records, sent } = await revertChanges(context.db, job.id, context.jobId);
    return { undone: job.id, action: job.action, records, ...(sent.length > 0 && { sent }) };
  },
});

interface Undone {
  undone: string;
  action: string;
  records: number;
  /** Ids of what had been sent. */
  sent?: string[];
}

/** The calls that would write this row. A row that goes counts as taken away, whatever its action says. */
function standsFor({ actions, reversals }: Context, row: TableRow): StandsFor[] {
  const reversal = reversals.get(row.table);
  if (!reversal) throw new Error(`no domain says how an undo of ${row.table} is judged`);
  const image = row.to ?? row.from ?? {};
  const target = reversal.recordOf?.(image) ?? row.id;
  const goes = !row.to && target === row.id;
  return [reversal.standsFor(row) ?? []].flat().map(({ action: key, input = {} }) => {
    const action = actions.get(key);
    if (!action) throw new Error(`${row.table} is undone as ${key}, which is no action`);
    return { action, input, targets: [target], hits: goes || action.destructive ? [target] : [] };
  });
}

/** Refuses with the record that has changed since, and the job that changed it. */
async function checkStillAllowed(context: Context, row: TableRow): Promise<void> {
  const obstacle = await context.reversals.get(row.table)?.check?.(context, row);
  if (!obstacle) return;
  const { message, record } = obstacle;
  const job = await lastJobOn(context.db, record);
  throw conflict(
    `${row.id} cannot return to its earlier state: ${message}${job ? ` since ${job}` : ""}.`,
    job
      ? `Undo ${job} first, or request the change as a new action.`
      : "Request the change as a new action instead.",
    { record, ...(job && { job_id: job }) },
  );
}

/** Finds the job and locks it against a concurrent undo. An agent finds only its own jobs. */
async function findUndoable({ db, actor, actions }: Context, jobId: string): Promise<Job> {
  const [job] = await rows<Job>(db, "SELECT * FROM job WHERE id = $1 FOR UPDATE", [jobId]);
  const visible = mayDecide(actor) || actor.kind === "system" || job?.principal === principalKey(actor);
  if (!job || !visible) throw notFound("job", jobId);
  const action = actions.get(job.action);
  if (!action?.undo)
    throw notUndoable(`${job.action} cannot be undone.`, "Correct the records with an update instead.");
  if (job.status !== "completed" || job.dry_run) {
    throw notUndoable(
      `There is nothing to undo: the job is ${job.dry_run ? "a dry run" : job.status}.`,
      "Only a completed job has changed anything.",
    );
  }
  if (job.erased_at) {
    throw notUndoable(
      "This job cannot be undone: personal data that it changed was erased.",
      "Erased data cannot be restored.",
    );
  }
  await refuseSecondUndo(db, jobId);
  return job;
}

async function refuseSecondUndo(db: Context["db"], jobId: string): Promise<void> {
  const [earlier] = await rows<{ id: string }>(
    db,
    "SELECT id FROM job WHERE action = 'job.undo' AND input->>'job_id' = $1 AND status = 'completed' AND NOT dry_run",
    [jobId],
  );
  if (earlier)
    throw conflict(`${jobId} was already undone by ${earlier.id}.`, "There is nothing more to do.");
}

const notUndoable = (message: string, hint: string) => new CrmError("invalid_state", message, { hint });
