import type { EntityManager } from "typeorm";
import type { Authorization, Rule } from "../../entities/authorization.ts";
import { rows } from "../../entities/database.ts";
import type { Job } from "../../entities/job.ts";
import type { SentChannel } from "../../entities/message.ts";
import type { Action } from "./action.ts";
import type { Context } from "./context.ts";
import { refusalOf } from "./constraints.ts";
import { parseInput } from "./input.ts";
import { judge } from "./judge.ts";
import { above, type Cause, highest, type Level } from "./permission.ts";
import { lookAt, type Sight } from "./preview.ts";
import type { Principal } from "./principal.ts";
import type { Registry } from "./registry.ts";

/** What of its row a job is carried out by. */
export type ClaimedJob = Pick<
  Job,
  | "id"
  | "action"
  | "input"
  | "reasoning"
  | "dry_run"
  | "principal"
  | "principal_kind"
  | "principal_name"
  | "status"
> & { claimed_at: Date };

/** A claimed job, ready to be tried. */
export interface Run {
  db: EntityManager;
  registry: Registry;
  job: ClaimedJob;
  action: Action;
  /** Parsed by the action's schema. */
  input: unknown;
  /** What a person has agreed to, where the job was parked. */
  authorization: Authorization | null;
  /** The highest level that may happen without asking (again). */
  allowed: Level;
  now: Date;
  /** Tried without a savepoint: whatever stands in its way takes back the whole transaction. */
  plain: boolean;
  /** What goes out from here. */
  channels: ReadonlySet<SentChannel>;
}

/** Something, its cause, stood in the way of a plain try: its transaction is to be rolled back, and nothing has happened. */
export class Setback extends Error {}

/** What one try came to. */
export interface Attempt {
  result: unknown;
  /** The highest level of the action and everything it called. */
  level: Level;
  causes: Cause[];
  /** Something needed more than was allowed: everything is rolled back. */
  exceeded: boolean;
  /** The rule that lowered a cause. */
  rule: Rule | null;
  /** Records that destructive calls named: what the window counts. */
  hits: Set<string>;
  /** What it wrote; null in a plain commit, where nobody asks. */
  sight: Sight | null;
  /** Takes back what it wrote; a plain try throws Setback, because of `cause`. */
  undo(cause?: unknown): Promise<void>;
}

/** The state that a try and its inner calls share. */
export type Trial = Run &
  Pick<Attempt, "level" | "causes" | "exceeded" | "rule" | "hits"> & {
    judgeOnly: boolean;
    /** Why a plain try is over, whatever the handler made of it: a refused call cannot be taken back by itself. */
    refusedCall: unknown;
    /** Records named in the input and in inner calls' inputs. */
    targets: Set<string>;
  };

/** Thrown past a handler whose request needs more than is allowed. */
class Exceeded extends Error {}

/**
 * Runs the action inside a savepoint. `commit` stops at the first call above the allowed level, `approved` also keeps
 * sight of what was written, `preview` judges every call without stopping and rolls everything back.
 * Throws a CrmError where the action refuses.
 */
export async function attempt(run: Run, mode: "commit" | "approved" | "preview"): Promise<Attempt> {
  const trial: Trial = {
    ...run,
    level: "unrestricted",
    causes: [],
    exceeded: false,
    rule: null,
    hits: new Set(),
    targets: new Set(),
    judgeOnly: mode === "preview",
    refusedCall: null,
  };
  if (!run.plain) await rows(run.db, "SAVEPOINT attempt");
  const undo = async (cause?: unknown) => {
    if (run.plain) throw new Setback("Taken back with its transaction.", { cause });
    await rows(run.db, "ROLLBACK TO SAVEPOINT attempt");
  };
  try {
    const result = await invoke(trial, run.action, run.input);
    // A handler may have caught it: it still does not happen.
    if (trial.exceeded) throw new Exceeded();
    if (trial.refusedCall !== null) throw trial.refusedCall;
    if (!run.plain) await rows(run.db, "SET CONSTRAINTS ALL IMMEDIATE"); // Of a plain try COMMIT tells.
    const sight = mode === "commit" ? null : await lookAt(trial);
    if (mode === "preview") await undo();
    return { ...trial, result, sight, undo };
  } catch (error) {
    const refused = refusalOf(error) ?? error;
    await undo(refused);
    if (trial.exceeded) return { ...trial, result: null, sight: null, undo };
    throw refused;
  }
}

async function invoke(trial: Trial, action: Action, input: unknown): Promise<unknown> {
  const context = contextOf(trial);
  const level = await judge(trial, context, action, input);
  trial.level = highest(trial.level, level);
  if (!trial.judgeOnly && above(level, trial.allowed)) {
    trial.exceeded = true;
    throw new Exceeded();
  }
  return action.handler(context, input);
}

function contextOf(trial: Trial): Context {
  return {
    db: trial.db,
    now: trial.now,
    actor: actorOf(trial.job),
    jobId: trial.job.id,
    canSend: (channel) => trial.channels.has(channel),
    actions: trial.registry.actions,
    async call(action, input) {
      const work = () => invoke(trial, action, parseInput(action, input));
      // Its own savepoint: a handler that catches a refused call keeps nothing of it.
      const result = await (trial.plain ? plainly(trial, work) : trial.db.transaction(work));
      return result as Awaited<ReturnType<typeof action.handler>>; // invoke() returns what this action's handler does.
    },
  };
}

async function plainly(trial: Trial, work: () => Promise<unknown>): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    trial.refusedCall = error;
    throw error;
  }
}

const actorOf = ({ principal, principal_kind, principal_name }: ClaimedJob): Principal => ({
  kind: principal_kind,
  id: principal.slice(principal.indexOf(":") + 1),
  name: principal_name,
});
