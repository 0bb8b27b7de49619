import { z } from "zod";
import { rows } from "../../entities/database.ts";
import type { Job } from "../../entities/job.ts";
import { type Action, defineAction, type StandsFor } from "../core/action.ts";
import type { Context } from "../core/context.ts";
import { conflict, CrmError, notFound } from "../core/errors.ts";
import { idOf } from "../core/ids.ts";
import { parseInput } from "../core/input.ts";
import { LEVELS } from "../core/permission.ts";
import { mayDecide, principalKey } from "../core/principal.ts";
import { takeBack } from "../core/replay.ts";

interface Undoable {
  job: Job;
  action: Action;
  undo: NonNullable<Action["undo"]>;
}

export const undoJob = defineAction({
  domain: "job",
  name: "undo",
  summary:
    "Take back what a completed job changed: every record returns to what it was. Refused where it moved on since.",
  permission: "unrestricted",
  input: z.strictObject({ job_id: idOf("job") }),
  example: { job_id: "job_01kb2m6x8efh5rt3zqk9w7ycd4" },

  raisedWhen: "judged as the opposite transition: undoing a create is judged as a delete",

  /** The transition that it performs, at that action's level; its targets are those of the original. */
  async standsFor(context, { job_id }): Promise<StandsFor> {
    const { job, action, undo } = await findUndoable(context, job_id);
    const named = context.actions.get(undo.level);
    const level = LEVELS.find((each) => each === undo.level);
    const targets = action.targets?.(parseInput(action, job.input)) ?? [];
    if (named?.destructive)
      return { action: named, input: { id: made(job.result)[0] }, targets: made(job.result) };
    if (named) return { action: named, input: {}, targets };
    if (!level) throw new Error(`${job.action}: undo names no action and no level`);
    return {
      action: { ...action, permission: level, destructive: false, escalate: undefined },
      input: {},
      targets,
    };
  },

  async handler(context, { job_id }) {
    const { job } = await findUndoable(context, job_id);
    const records = await takeBack(context.db, job.id, context.jobId);
    return { undone: job.id, action: job.action, records };
  },
});

/** The record that a create made, which taking it back takes away. */
const made = (result: unknown): string[] => {
  const { success, data } = z.looseObject({ id: z.string() }).safeParse(result);
  return success ? [data.id] : [];
};

/** The job, locked against a second undo at the same time. An agent finds only its own. */
async function findUndoable({ db, actor, actions }: Context, jobId: string): Promise<Undoable> {
  const [job] = await rows<Job>(db, "SELECT * FROM job WHERE id = $1 FOR UPDATE", [jobId]);
  const visible = mayDecide(actor) || actor.kind === "system" || job?.principal === principalKey(actor);
  if (!job || !visible) throw notFound("job", jobId);
  const action = actions.get(job.action);
  if (!action?.undo) {
    throw new CrmError("invalid_state", `${job.action} cannot be taken back.`, {
      hint: "Correct the records with an update instead.",
    });
  }
  if (job.status !== "completed" || job.dry_run) {
    throw new CrmError(
      "invalid_state",
      `There is nothing to take back: the job is ${job.dry_run ? "a dry run" : job.status}.`,
      {
        hint: "Only a completed job has changed anything.",
      },
    );
  }
  if (job.erased_at) {
    throw new CrmError(
      "invalid_state",
      "What this job changed was erased for good, so it cannot be taken back.",
      {
        hint: "Nothing can be restored of a customer whose personal data was erased.",
      },
    );
  }
  const [earlier] = await rows<{ id: string }>(
    db,
    "SELECT id FROM job WHERE action = 'job.undo' AND input->>'job_id' = $1 AND status = 'completed' AND NOT dry_run",
    [jobId],
  );
  if (earlier) throw conflict(`${jobId} was taken back already, by ${earlier.id}.`, "Nothing more to do.");
  return { job, action, undo: action.undo };
}
