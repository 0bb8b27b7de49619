import type { DataSource, EntityManager } from "typeorm";
import { rows } from "../../../database/sql.ts";
import { type Action, actionKey } from "../../core/action.ts";
import { digestOf } from "../../core/canonical.ts";
import { type CrmError, validationFailed } from "../../core/errors.ts";
import { prefixOf } from "../../core/ids.ts";
import { parseInput, parseStored } from "../../core/input.ts";
import { mayDecide, type Principal, refuseDecision } from "../../core/principal.ts";
import type { Registry } from "../../core/registry.ts";
import { attempt } from "../attempt.ts";
import { claim, prepareRun, type RunOptions } from "../claim.ts";
import { labelOf } from "../preview.ts";
import type { Run } from "../run.ts";
import { replaceByEdit } from "./park.ts";
import { lockUndecided, pastExpiry, undecided } from "./undecided.ts";
import {
  type AuthorizationRow,
  authorizationView,
  type AuthorizationView,
  readAuthorization,
} from "./view.ts";

type Data = Record<string, unknown>;

export interface EditParts {
  db: DataSource;
  registry: Registry;
  /** As those of the worker that will execute it: the preview depends on them. */
  options: RunOptions;
  /** Completes values that mean something only now and in this business, such as "tomorrow". */
  complete(action: Action, data: Data): Promise<Data>;
}

/**
 * Replaces a pending request by one with other data, and asks about that: a new authorization with a preview of its own,
 * also where the new data would need nobody. Only this person's decision lets it run. The job keeps the data as it was
 * sent. Where the action refuses the new data, nothing has changed.
 */
export async function edit(
  { db: dataSource, registry, options, complete }: EditParts,
  actor: Principal,
  { id, data }: { id: string; data: Data },
): Promise<AuthorizationView> {
  if (!mayDecide(actor)) throw refuseDecision(actor);
  const asked = undecided(actor, await readAuthorization(dataSource.manager, actor, id));
  const action = registry.action(asked.action);
  const completed = await complete(action, data);
  checkData(action, asked, completed);
  return dataSource.transaction(async (db) => {
    const { row, job } = await lockUndecided(db, actor, id);
    const claimed = await claim(db, job.id);
    if (!claimed) throw new Error("an open job that is locked cannot be claimed");
    if (row.expires_at <= claimed.claimed_at) throw pastExpiry(row);
    const run = prepareRun(
      { db, registry, path: "preview", options },
      { ...claimed, input: completed },
      null,
    );
    const seen = await attempt(run, "preview");
    await checkRecords(run, row, seen.targets);
    const by = { edited_by: actor.id, edited_by_kind: actor.kind, edited_by_name: actor.name };
    const edited = await replaceByEdit(run, row, { seen, edit: { data: completed, ...by } });
    return authorizationView(await readAuthorization(db, actor, edited));
  });
}

/** Refuses data that the action does not take, and data that asks for the same. */
function checkData(action: Action, { data, input }: AuthorizationRow, completed: Data): void {
  if (action.editable === false)
    throw validationFailed(
      [{ path: "data", message: `of ${actionKey(action)} cannot be changed: it only names what is undone` }],
      "Nothing was changed. Deny it, and say in the note what to do instead.",
    );
  const wanted = parseInput(action, completed);
  if (digestOf(wanted) !== digestOf(parseStored(action, data ?? input))) return;
  throw validationFailed(
    [{ path: "data", message: "is the same as in the request" }],
    "Change a value, or decide the request as it is.",
  );
}

/** An edit may leave records out, but not name others: the request was about those, and so are its reasons. */
async function checkRecords(
  { db, action, job }: Run,
  row: AuthorizationRow,
  targets: ReadonlySet<string>,
): Promise<void> {
  const asked = await rows<{ id: string }>(
    db,
    `SELECT DISTINCT unnest(records) AS id FROM "authorization" WHERE job_id = $1`,
    [row.job_id],
  );
  const named = new Set([
    ...asked.map(({ id }) => id),
    ...(action.targets?.(parseStored(action, row.input)) ?? []),
  ]);
  for (const target of targets)
    if (!named.has(target) && (await exists(db, target))) throw otherRecord(job.input, target);
}

/** False for a record that only the preview made. */
const exists = async (db: EntityManager, id: string): Promise<boolean> =>
  (await labelOf(db, prefixOf(id) ?? "", id)) !== null;

function otherRecord(data: Data, id: string): CrmError {
  const field = Object.keys(data).find((name) => JSON.stringify(data[name]).includes(id));
  return validationFailed(
    [
      {
        path: field === undefined ? "data" : `data.${field}`,
        message: `brings in ${id}, which the request is not about`,
      },
    ],
    "Nothing was changed. An edit may leave records out but not add others: deny it and ask for a new request.",
  );
}
