import { AUTHORIZATION_STATUSES } from "../../../entities/authorization.ts";
import { CrmError, type ErrorCode } from "../../../domain/core/errors.ts";
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
import { readDecision } from "./form.ts";
import { authorizationPath, renderAuthorizations } from "./list.tsx";
import { renderAuthorization } from "./page.tsx";

const statusToShowAgain = (error: unknown): number | undefined => {
  if (isPasswordNeeded(error)) return 403;
  return error instanceof CrmError ? SHOWN_AGAIN[error.code] : undefined;
};

/** Seconds that the page waits for an allowed job, so that it usually shows the result. */
const OUTCOME_SECONDS = 3;
/** Errors after which the page is shown again, and their statuses. */
const SHOWN_AGAIN: Partial<Record<ErrorCode, number>> = { conflict: 409, validation_failed: 400 };

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
  return renderAuthorization({ ...frame, ...state });
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
    const status = statusToShowAgain(error);
    if (!(error instanceof CrmError) || status === undefined) throw error;
    // The page shows the current state, not the one that the decision was about.
    const state = await currentState(parts, call);
    response.status(status);
    return renderAuthorization({
      ...(await frameOf(parts, response)),
      ...state,
      refused: error,
      filled: body,
    });
  }
  response.redirect(303, authorizationPath(params.id));
}
