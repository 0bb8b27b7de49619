import { rows } from "../../database/sql.ts";
import type { Action, Context } from "../core/action.ts";
import { isTransient, refusalOf } from "../core/database-errors.ts";
import { parseInput } from "../core/input.ts";
import { above, type Level } from "../core/permission.ts";
import type { Principal } from "../core/principal.ts";
import { EMPTY_EVALUATION, type Evaluation, judge } from "./judge.ts";
import { capture, type Snapshot } from "./preview.ts";
import type { ClaimedJob, Mode, Run } from "./run.ts";

/** Aborts the fast path. The caller must roll back; `cause` says why. */
export class FastPathAborted extends Error {
  /** The level of the call that needs more than is allowed: a person or the caller's reasoning. Null: another refusal. */
  readonly needs: Level | null;

  constructor(needs: Level | null, cause: unknown) {
    super("The fast path was aborted; its transaction must be rolled back.", { cause });
    this.needs = needs;
  }
}

/** The result of one attempt. */
export interface Attempt extends Evaluation {
  result: unknown;
  /** A call needed more than the allowed level. Everything is rolled back. */
  exceeded: boolean;
  /** What the attempt wrote; null in a commit, which needs no preview. */
  snapshot: Snapshot | null;
  /**
   * Rolls back what the attempt wrote. On the fast path it throws instead: a transient `cause` itself, because a second
   * run would only wait for the same lock again, otherwise FastPathAborted.
   */
  undo(cause?: unknown): Promise<void>;
}

/** Thrown through the handlers when a call needs more than is allowed. */
class NeedsApproval extends Error {}

/** Runs the action inside a savepoint (none on the fast path). Throws a CrmError where the action refuses. */
export async function attempt(run: Run, mode: Mode): Promise<Attempt> {
  const calls = makeCalls(run, mode);
  if (!run.fastPath) await rows(run.db, "SAVEPOINT attempt");
  const undo = async (cause?: unknown) => {
    const needs = calls.exceeded() ? calls.evaluation().level : null;
    if (run.fastPath) throw isTransient(cause) ? cause : new FastPathAborted(needs, cause);
    await rows(run.db, "ROLLBACK TO SAVEPOINT attempt");
  };
  try {
    const result = await calls.invoke(run.action, run.input);
    run.trace?.("handler");
    calls.check();
    if (!run.fastPath) await rows(run.db, "SET CONSTRAINTS ALL IMMEDIATE"); // On the fast path COMMIT checks them.
    const { causes } = calls.evaluation();
    const snapshot = mode === "commit" ? null : await capture({ ...run, causes });
    if (mode === "preview") await undo();
    return { ...calls.evaluation(), result, exceeded: false, snapshot, undo };
  } catch (error) {
    const refused = refusalOf(error, run.db.dataSource) ?? error;
    await undo(refused);
    if (!calls.exceeded()) throw refused;
    return { ...calls.evaluation(), result: null, exceeded: true, snapshot: null, undo };
  }
}

interface Calls {
  invoke(action: Action, input: unknown): Promise<unknown>;
  /** Throws where a call was stopped, even if a handler caught that. */
  check(): void;
  evaluation(): Evaluation;
  exceeded(): boolean;
}

/** Judges and runs the action and the calls inside it, and folds their evaluations. */
function makeCalls(run: Run, mode: Mode): Calls {
  let evaluation = EMPTY_EVALUATION;
  let exceeded = false;
  let refusedCall: unknown = null;

  async function invoke(action: Action, input: unknown): Promise<unknown> {
    const context = contextOf(run, call);
    evaluation = await judge({ ...run, mode }, { context, action, input }, evaluation);
    if (action === run.action) run.trace?.("judge");
    if (mode !== "preview" && above(evaluation.level, run.allowed)) {
      exceeded = true;
      throw new NeedsApproval();
    }
    return action.handler(context, input);
  }

  async function call(action: Action, input: unknown): Promise<unknown> {
    const work = () => invoke(action, parseInput(action, input));
    // Each inner call has its own savepoint: a handler that catches a refusal must not keep half of the call's writes.
    if (!run.fastPath) return run.db.transaction(work);
    try {
      return await work();
    } catch (error) {
      refusedCall = error; // Without a savepoint its writes cannot be rolled back alone: the attempt fails in any case.
      throw error;
    }
  }

  return {
    invoke,
    check() {
      if (exceeded) throw new NeedsApproval();
      if (refusedCall !== null) throw refusedCall;
    },
    evaluation: () => evaluation,
    exceeded: () => exceeded,
  };
}

const contextOf = (run: Run, call: (action: Action, input: unknown) => Promise<unknown>): Context => ({
  db: run.db,
  now: run.now,
  actor: actorOf(run.job),
  jobId: run.job.id,
  publicUrl: run.publicUrl,
  canSend: (channel) => run.channels.has(channel),
  actions: run.registry.actions,
  reversals: run.registry.reversals,
  async call(action, input) {
    const result = await call(action, input);
    return result as Awaited<ReturnType<typeof action.handler>>; // `call` returns what this action's handler returned.
  },
});

/** Who requested the job. */
export const actorOf = ({
  principal,
  principal_kind,
  principal_name,
}: Pick<ClaimedJob, "principal" | "principal_kind" | "principal_name">): Principal => ({
  kind: principal_kind,
  id: principal.slice(principal.indexOf(":") + 1),
  name: principal_name,
});
