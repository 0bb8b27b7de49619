import { prepared, rows } from "../../database/sql.ts";
import type { Job } from "../../entities/job.ts";
import type { Rule } from "../../entities/rule.ts";
import { type Action, actionKey, type Context, type StandsFor, type TakenAlong } from "../core/action.ts";
import { NO_LEVELS } from "../core/principal.ts";
import { type Cause, highest, type Level, MOST_RECORDS, WINDOW } from "../core/permission.ts";
import { coveringRule, type RuleSubject } from "./authorization/coverage.ts";
import type { Mode, Run } from "./run.ts";

/** The verdict on all calls of one attempt so far. `judge` returns a new one for each call and changes none. */
export interface Evaluation {
  /** The highest level of the action and everything it called. */
  level: Level;
  causes: readonly Cause[];
  /** The rule that covers all causes. */
  rule: Rule | null;
  /** Records that destructive calls named, or take along by themselves: what the window counts. */
  hits: ReadonlySet<string>;
  /**
   * Records that go with them and that the facts name. They count for later requests only: a person who agrees to "15
   * tickets" is asked for no second reason, and a rule from it does not lift the window.
   */
  cascaded: ReadonlySet<string>;
  /** Records named in the input and in the inputs of inner calls; for an undo, the records it writes. */
  targets: ReadonlySet<string>;
  /** What a rule is about: the action of the request and its records. Null before the first call. */
  subject: RuleSubject | null;
  /** The records that took others in. */
  mergedInto: ReadonlySet<string>;
}

export const EMPTY_EVALUATION: Evaluation = {
  level: "unrestricted",
  causes: [],
  rule: null,
  hits: new Set(),
  cascaded: new Set(),
  targets: new Set(),
  subject: null,
  mergedInto: new Set(),
};

export interface Call {
  context: Context;
  action: Action;
  input: unknown;
}

/**
 * The highest level that runs without asking. Levels bind agents. Requests of the owner and the system always run.
 * Office people need no reasoning, but the owner must approve their risky requests.
 */
export function allowedFor({ principal_kind, reasoning }: Pick<Job, "principal_kind" | "reasoning">): Level {
  if (NO_LEVELS.includes(principal_kind)) return "requires_authorization";
  if (principal_kind === "office") return "soft_limit";
  return reasoning?.trim() ? "soft_limit" : "unrestricted";
}

/**
 * Judges one call by the current data: the declared level, raised by `escalate` and by the number of records that the
 * whole request touches, lowered by a live rule that covers every cause so far.
 */
export async function judge(run: Run & { mode: Mode }, call: Call, before: Evaluation): Promise<Evaluation> {
  const { context } = call;
  const requested = await withCauses(context, await judgedAs(call)); // `escalate` locks what goes along.
  const along = await takenAlong(context, requested);
  const asking = [...requested, ...(await withCauses(context, callsFor(context, along)))];
  const judged = asking.map((each) => each.call);
  const evaluation = {
    ...before,
    causes: [
      ...before.causes.filter(({ kind }) => kind === "data"),
      ...asking.flatMap(({ causes }) => causes),
    ],
    targets: union(
      before.targets,
      judged.flatMap(({ targets }) => targets),
    ),
    hits: union(
      before.hits,
      judged.flatMap(({ hits }) => hits),
    ),
    cascaded: union(
      before.cascaded,
      along.filter(({ action }) => action === null).map(({ id }) => id),
    ),
    subject: before.subject ?? subjectOf(requested),
    mergedInto: union(before.mergedInto, mergedBy(call)),
  };
  const causes = [...evaluation.causes, ...bulkCause(evaluation.targets)];
  // A request that must ask a person in any case must not wait for the window's lock.
  if (run.mode !== "preview") {
    const { covered, rule } = await coverOf(run, { ...evaluation, causes });
    if (!covered) return { ...evaluation, causes, rule, level: "requires_authorization" };
  }
  const all = { ...evaluation, causes: [...causes, ...(await windowCause(run, evaluation.hits))] };
  const { covered, rule } = await coverOf(run, all);
  const declared = judged.map(({ action }) => action.permission).reduce(highest);
  const level = covered
    ? declared === "requires_authorization"
      ? "unrestricted"
      : declared
    : "requires_authorization";
  return { ...all, rule, level: highest(before.level, level) };
}

const union = (one: ReadonlySet<string>, other: readonly string[]): ReadonlySet<string> =>
  other.length === 0 ? one : new Set([...one, ...other]);

/** The call itself, and the calls that it stands for. */
async function judgedAs({ context, action, input }: Call): Promise<StandsFor[]> {
  const targets = action.targets?.(input) ?? [];
  return withAllItStandsFor(context, {
    action,
    input,
    targets,
    hits: action.destructive ? targets : [],
  });
}

/** A call that stands for another stands for all that the other does: an undo for what a definition does. */
async function withAllItStandsFor(context: Context, call: StandsFor): Promise<StandsFor[]> {
  const calls = [call];
  for (const each of (await call.action.standsFor?.(context, call.input)) ?? [])
    calls.push(...(await withAllItStandsFor(context, each)));
  return calls;
}

const mergedBy = ({ action, input }: Call): string[] => (action.mergesInto ? [action.mergesInto(input)] : []);

async function takenAlong(context: Context, asking: readonly Asking[]): Promise<TakenAlong[]> {
  const removed: TakenAlong[] = [];
  for (const { action, input } of asking.map(({ call }) => call))
    removed.push(...((await action.alsoRemoves?.(context, input)) ?? []));
  return removed;
}

/** The calls that would remove these records alone. They are hits, but no targets: the request does not name them. */
const callsFor = ({ actions }: Context, along: readonly TakenAlong[]): StandsFor[] =>
  along.flatMap(({ id, action: key }) => {
    if (key === null) return [];
    const action = actions.get(key);
    if (!action) throw new Error(`${id} is taken along as by ${key}, which is no action`);
    return [{ action, input: { id }, targets: [], hits: [id] }];
  });

/** A call and why a person must agree to it. */
interface Asking {
  call: StandsFor;
  causes: readonly Cause[];
}

async function withCauses(context: Context, calls: readonly StandsFor[]): Promise<Asking[]> {
  const asking: Asking[] = [];
  for (const call of calls) asking.push({ call, causes: await dataCauses(context, call) });
  return asking;
}

/** A rule from an undo is about what the undo stands for: the actions that need a person, or else the first one. */
function subjectOf([own, ...others]: readonly Asking[]): RuleSubject {
  const asking = others.filter(({ causes }) => causes.length > 0);
  const about = asking.length > 0 ? asking : [others[0] ?? own].filter((each) => each !== undefined);
  return {
    actions: [...new Set(about.map(({ call }) => actionKey(call.action)))],
    targets: [...new Set([own, ...others].flatMap((each) => each?.call.targets ?? []))],
  };
}

/** Whether nobody needs to be asked: there is no cause, or a live rule covers all of them. */
async function coverOf(run: Run, request: Evaluation): Promise<{ covered: boolean; rule: Rule | null }> {
  const { causes, rule } = request;
  if (causes.length === 0) return { covered: true, rule };
  if (run.authorization) return { covered: false, rule }; // An approved run does not use up a rule.
  // Read again for each call: a rule with an amount counts all calls.
  const live = await coveringRule(run, request);
  return { covered: live !== null, rule: live };
}

async function dataCauses(context: Context, { action, input, targets }: StandsFor): Promise<Cause[]> {
  const record = targets[0] !== undefined && { record: targets[0] };
  const escalation = action.escalate && (await action.escalate(context, input));
  if (escalation) return [{ kind: "data", ...escalation, ...record }];
  if (action.permission !== "requires_authorization") return [];
  return [
    { kind: "data", reason: `${actionKey(action)} always needs a person's agreement`, facts: {}, ...record },
  ];
}

function bulkCause(targets: ReadonlySet<string>): Cause[] {
  if (targets.size <= MOST_RECORDS) return [];
  return [{ kind: "bulk", reason: `${targets.size} records at once, more than ${MOST_RECORDS}`, facts: {} }];
}

/** Prepared: a bulk request reads it for each of its records. */
const TAKEN = prepared(
  `SELECT coalesce(sum(cardinality(hits)), 0) AS taken FROM job
   WHERE hits <> '{}' AND finished_at > clock_timestamp() - interval '${WINDOW}'
     AND principal_kind = 'agent' AND (allowed_by IS NULL OR allowed_by NOT LIKE 'auth\\_%')
     AND NOT EXISTS (SELECT FROM job undo WHERE undo.action = 'job.undo' AND undo.input->>'job_id' = job.id
       AND undo.status = 'completed' AND NOT undo.dry_run)`,
);

/**
 * All agents together may remove MOST_RECORDS records within WINDOW. What a person approved or what was undone does not
 * count; what a rule allowed does. A run that will commit holds one lock until its transaction ends, so that two runs
 * cannot both use the same remaining quota. A preview takes no lock: it does not commit.
 */
async function windowCause(
  { db, job, authorization, mode }: Run & { mode: Mode },
  hits: ReadonlySet<string>,
): Promise<Cause[]> {
  if (job.principal_kind !== "agent" || authorization || hits.size === 0) return [];
  if (mode !== "preview") await rows(db, "SELECT pg_advisory_xact_lock(hashtext('countersign.window'))");
  const [window] = await rows<{ taken: number }>(db, TAKEN);
  const count = (window?.taken ?? 0) + hits.size;
  if (count <= MOST_RECORDS) return [];
  const reason = `${count} records removed by agents within ${WINDOW}, more than ${MOST_RECORDS}`;
  return [{ kind: "window", reason, facts: {} }];
}
