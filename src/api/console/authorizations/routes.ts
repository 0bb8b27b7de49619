import { AUTHORIZATION_STATUSES } from "../../../entities/authorization.ts";
import { CrmError, type ErrorCode } from "../../../domain/core/errors.ts";
import type { AuthorizationView } from "../../../domain/engine/authorization/view.ts";
import type { Call } from "../../route.ts";
import { locals } from "../../security/authenticate.ts";
import { confirmPassword, isPasswordNeeded, requireRecentSignIn } from "../../security/recent-sign-in.ts";
import {
  definePage,
  form,
  frameOf,
  PAGE_SIZE,
  type PageParts,
  selectionIn,
  settingOf,
  view,
} from "../page.ts";
import { type EditField, editFields, isEdit, readEdit } from "./edit-fields.ts";
import { type DecisionFields, readDecision } from "./form.ts";
import { authorizationPath, renderAuthorizations } from "./list.tsx";
import { renderAuthorization } from "./page.tsx";

const statusToShowAgain = (error: unknown): number | undefined => {
  if (isPasswordNeeded(error)) return 403;
  return error instanceof CrmError ? SHOWN_AGAIN[error.code] : undefined;
};

/** Seconds that the page waits for an allowed job, so that it usually shows the result. */
const OUTCOME_SECONDS = 3;
/** Errors after which the page is shown again, and their statuses. */
const SHOWN_AGAIN: Partial<Record<ErrorCode, number>> = {
  conflict: 409,
  validation_failed: 400,
  // Of the action itself, when it is tried with changed data.
  ambiguous: 409,
  invalid_state: 422,
  too_large: 413,
};

export const authorizationsPage = definePage({
  path: "/authorizations",
  navigation: "Authorizations",
  for: "people",
  routes: (parts) => [
    view({
      path: "/",
      summary: "The start page",
      handler: ({ response }) => response.redirect(303, "/authorizations"),
    }),
    view({
      path: "/authorizations",
      summary: "The queue of authorizations",
      handler: (call) => listAuthorizations(parts, call),
    }),
    view({
      path: "/authorizations/:id",
      summary: "One authorization",
      handler: (call) => showAuthorization(parts, call),
    }),
    form({
      path: "/authorizations/:id/decision",
      summary: "Decide an authorization",
      handler: (call) => decide(parts, call),
    }),
    form({
      path: "/authorizations/:id/edit",
      summary: "Change what an authorization's request would do",
      handler: (call) => edit(parts, call),
    }),
  ],
});

async function listAuthorizations(parts: PageParts, call: Call<undefined, undefined>): Promise<string> {
  const selection = selectionIn(call, AUTHORIZATION_STATUSES);
  const status = selection.status ?? "pending";
  const [list, frame] = await Promise.all([
    parts.crm.authorizations(call.principal, { ...selection, status, limit: PAGE_SIZE }),
    frameOf(parts, call.response),
  ]);
  return renderAuthorizations({ ...frame, list, status, selection });
}

type OneCall<Body> = Call<undefined, Body, "id">;

/** The authorization as it is now; of an allowed one with its job, after a short wait. */
async function currentState({ crm }: PageParts, { principal, params: { id } }: OneCall<unknown>) {
  const authorization = await crm.authorization(principal, id);
  if (authorization.status === "pending") return { authorization, job: null };
  const wait = authorization.status === "authorized" ? OUTCOME_SECONDS : 0;
  const job = await crm.jobOfAuthorization(principal, id, wait);
  const replaced = wait > 0 && job.authorization?.queue_id !== id;
  return { authorization: replaced ? await crm.authorization(principal, id) : authorization, job };
}

async function showAuthorization(parts: PageParts, call: OneCall<undefined>): Promise<string> {
  const state = await currentState(parts, call);
  const frame = await frameOf(parts, call.response);
  if (state.job?.status === "queued" || state.job?.status === "running") call.response.set("Refresh", "3");
  return renderAuthorization({
    ...frame,
    ...state,
    ...fieldsOf(parts, state.authorization, { setting: frame }),
  });
}

/** The form's fields, where the request can be changed. */
function fieldsOf(
  { registry }: PageParts,
  { status, action: key, data }: AuthorizationView,
  shown: Parameters<typeof editFields>[2],
): { fields?: EditField[] } {
  const action = registry.actions.get(key);
  return status === "pending" && action && action.editable !== false
    ? { fields: editFields(action, data, shown) }
    : {};
}

async function edit(parts: PageParts, call: OneCall<Record<string, string>>): Promise<string | void> {
  const { principal, params, body } = call;
  try {
    const { authorization } = await currentState(parts, call);
    const setting = await settingOf(parts);
    const { fields = [] } = fieldsOf(parts, { ...authorization, status: "pending" }, { setting });
    const { id } = await parts.crm.edit(principal, params.id, readEdit(fields, body, setting));
    call.response.redirect(303, authorizationPath(id));
  } catch (error) {
    return showAgain(parts, call, { error, filled: body });
  }
}

/** The page with the reason for the refusal. It shows the current state, not the one that the form was about. */
async function showAgain(
  parts: PageParts,
  call: OneCall<unknown>,
  { error, filled }: { error: unknown; filled: DecisionFields },
): Promise<string> {
  const status = statusToShowAgain(error);
  if (!(error instanceof CrmError) || status === undefined) throw error;
  const state = await currentState(parts, call);
  const frame = await frameOf(parts, call.response);
  call.response.status(status);
  const edited = isEdit(filled) ? filled : undefined;
  const fields = fieldsOf(parts, state.authorization, { setting: frame, filled: edited });
  return renderAuthorization({ ...frame, ...state, ...fields, refused: error, filled });
}

async function decide(parts: PageParts, call: OneCall<Record<string, string>>): Promise<string | void> {
  const { principal, params, response } = call;
  const { password, ...body } = call.body;
  try {
    const decision = readDecision(body, await settingOf(parts));
    if (password && !locals(response).session?.recent) await confirmPassword(parts, response, password);
    await requireRecentSignIn(parts.crm, response, { id: params.id, decision: decision.decision });
    await parts.crm.decide(principal, params.id, decision);
  } catch (error) {
    return showAgain(parts, call, { error, filled: body });
  }
  response.redirect(303, authorizationPath(params.id));
}
