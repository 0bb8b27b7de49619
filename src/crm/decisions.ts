import type { DataSource } from "typeorm";
import { decide } from "../domain/engine/authorization/decide.ts";
import { edit, type EditParts } from "../domain/engine/authorization/edit.ts";
import { listRules, narrowRule, revokeRule } from "../domain/engine/authorization/rules.ts";
import {
  authorizationView,
  listAuthorizations,
  previewPage,
  readAuthorization,
} from "../domain/engine/authorization/view.ts";
import { type Backend, dispatchId, promoteOrAdd } from "../queue/index.ts";
import type { Notifier } from "../queue/notify.ts";
import type { Clock } from "../domain/core/clock.ts";
import type { Registry } from "../domain/core/registry.ts";
import type { SentChannel } from "../domain/core/action.ts";
import type { Crm } from "./contract.ts";
import { completedData } from "./submit.ts";
import type { Reads } from "./reads.ts";
import { tryEnqueue } from "./sender.ts";

export interface DecisionParts {
  db: DataSource;
  registry: Registry;
  clock: Clock;
  publicUrl: () => string;
  channels: ReadonlySet<SentChannel>;
  queues: Backend;
  notifier: Notifier;
  reads: Reads;
  onError: (error: unknown) => void;
}

type Decisions = Pick<
  Crm,
  | "authorizations"
  | "authorization"
  | "authorizationChanges"
  | "decide"
  | "edit"
  | "rules"
  | "narrowRule"
  | "revokeRule"
>;

/** Authorizations, what people decide about them, and the rules that come of it. */
export const makeDecisions = ({
  db,
  queues,
  notifier,
  reads,
  onError,
  ...rest
}: DecisionParts): Decisions => ({
  authorizations: (actor, filter, signal) =>
    reads.run(actor, signal, (snapshot) => listAuthorizations(snapshot, actor, filter)),
  authorization: async (actor, id) => authorizationView(await readAuthorization(db.manager, actor, id)),
  authorizationChanges: async (actor, id, page) =>
    previewPage(authorizationView(await readAuthorization(db.manager, actor, id)), page),
  async decide(actor, id, decision) {
    const { view, jobId, timer, next } = await decide(db, actor, { ...decision, id });
    notifier.publish(jobId);
    const queue = queues.queue("awaiting-authorization");
    const fresh = { id: dispatchId(jobId, next), data: { jobId } };
    await tryEnqueue(promoteOrAdd(queue, dispatchId(jobId, timer), fresh), onError);
    return view;
  },
  edit: async (actor, id, data) => {
    const view = await edit(editParts({ db, ...rest }), actor, { id, data });
    notifier.publish(view.job_id);
    return view;
  },
  rules: (actor) => listRules(db.manager, actor),
  narrowRule: (actor, id, scope) => narrowRule(db, actor, { id, scope }),
  revokeRule: (actor, id) => revokeRule(db.manager, actor, id),
});

type EditedWith = Pick<DecisionParts, "db" | "registry" | "clock" | "publicUrl" | "channels">;

const editParts = ({ db, registry, clock, publicUrl, channels }: EditedWith): EditParts => ({
  db,
  registry,
  options: { channels, clock, publicUrl: publicUrl() },
  complete: (action, data) => completedData(db, clock, { action, data }),
});
