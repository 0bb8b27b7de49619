import { fileURLToPath } from "node:url";
import express, { type Request, type Response, Router } from "express";
import { AUTHORIZATION_STATUSES } from "../../entities/authorization.ts";
import { JOB_STATUSES } from "../../entities/job.ts";
import { MESSAGE_STATUSES } from "../../entities/message.ts";
import { CrmError, type ErrorCode, validationFailed } from "../../domain/core/errors.ts";
import { renderAuthorization } from "./authorization.tsx";
import { authorizationPath, renderAuthorizations } from "./authorizations.tsx";
import { readDecision } from "./decision-form.ts";
import { renderJobs } from "./jobs.tsx";
import { setWebhook, showMessages, showWebhook } from "./outbox.ts";
import { narrowRule, revokeRule, showAudit, showJob, showRules, undoJob } from "./oversight.ts";
import { frameOf, idIn, type PageParts, sessionOf, settingOf, textFields } from "./parts.ts";

export { renderError } from "./error.tsx";
export { renderLogin } from "./login.tsx";
export type { PageParts } from "./parts.ts";

const PAGE = 20;
/** How long a page waits for what was just allowed, so that it mostly shows the end. */
const OUTCOME_SECONDS = 3;
/** Refusals after which the person decides on the same page again. */
const SHOWN_AGAIN: Partial<Record<ErrorCode, number>> = { conflict: 409, validation_failed: 400 };
const ASSETS = fileURLToPath(new URL("./assets/", import.meta.url));

/** The pages for people. The app has signed the caller in and checked the CSRF token of unsafe methods. */
export function pagesRouter(parts: PageParts): Router {
  const router = Router();
  router.use("/assets", express.static(ASSETS, { maxAge: "5m", index: false, redirect: false }), noSuchAsset);
  router.get("/", (_request, response) => response.redirect(303, "/authorizations"));
  router.get("/authorizations", (request, response) => listAuthorizations(parts, request, response));
  router.get("/authorizations/:id", (request, response) => showAuthorization(parts, request, response));
  router.post("/authorizations/:id/decision", (request, response) => decide(parts, request, response));
  router.get("/jobs", (request, response) => listJobs(parts, request, response));
  router.get("/jobs/:id", (request, response) => showJob(parts, request, response));
  router.post("/jobs/:id/undo", (request, response) => undoJob(parts, request, response));
  router.get("/messages", (request, response) =>
    showMessages(parts, response, selectionIn(request, MESSAGE_STATUSES)),
  );
  router.get("/settings/webhook", (_request, response) => showWebhook(parts, response));
  router.post("/settings/webhook", (request, response) => setWebhook(parts, request, response));
  router.get("/rules", (_request, response) => showRules(parts, response));
  router.post("/rules/:id/narrow", (request, response) => narrowRule(parts, request, response));
  router.post("/rules/:id/revoke", (request, response) => revokeRule(parts, request, response));
  router.get("/audit", (request, response) => showAudit(parts, request, response));
  return router;
}

function noSuchAsset(_request: Request, response: Response): void {
  response.status(404).type("text").send("There is no such file.\n");
}

/** One word of the query string. */
const word = (request: Request, name: string): string | undefined => {
  const value = request.query[name];
  return typeof value === "string" && value !== "" ? value : undefined;
};

function statusIn<S extends string>(request: Request, statuses: readonly S[]): S | undefined {
  const asked = word(request, "status");
  const status = statuses.find((each) => each === asked);
  if (asked !== undefined && status === undefined) {
    throw validationFailed([{ path: "status", message: `must be one of ${statuses.join(", ")}` }]);
  }
  return status;
}

function selectionIn<S extends string>(request: Request, statuses: readonly S[]) {
  const status = statusIn(request, statuses);
  const cursor = word(request, "cursor");
  return { ...(status && { status }), ...(cursor && { cursor }) };
}

async function listAuthorizations(parts: PageParts, request: Request, response: Response): Promise<void> {
  const selection = selectionIn(request, AUTHORIZATION_STATUSES);
  const status = selection.status ?? "pending";
  const { principal } = sessionOf(response);
  const [list, frame] = await Promise.all([
    parts.crm.authorizations(principal, { ...selection, status, limit: PAGE }),
    frameOf(parts, response),
  ]);
  response.send(renderAuthorizations({ ...frame, list, status, selection }));
}

/** The authorization as it is now; of one that was allowed, after a short wait for its job. */
async function currentState({ crm }: PageParts, response: Response, id: string) {
  const { principal } = sessionOf(response);
  const authorization = await crm.authorization(principal, id);
  if (authorization.status === "pending") return { authorization, job: null };
  const wait = authorization.status === "authorized" ? OUTCOME_SECONDS : 0;
  const job = await crm.jobOfAuthorization(principal, id, wait);
  const replaced = wait > 0 && job.authorization?.queue_id !== id;
  return { authorization: replaced ? await crm.authorization(principal, id) : authorization, job };
}

async function showAuthorization(parts: PageParts, request: Request, response: Response): Promise<void> {
  const state = await currentState(parts, response, idIn(request));
  const frame = await frameOf(parts, response);
  if (state.job?.status === "queued" || state.job?.status === "running") response.set("Refresh", "3");
  response.send(renderAuthorization({ ...frame, ...state }));
}

async function decide(parts: PageParts, request: Request, response: Response): Promise<void> {
  const id = idIn(request);
  const fields = textFields(request.body);
  const { principal } = sessionOf(response);
  try {
    await parts.crm.decide(principal, id, readDecision(fields, await settingOf(parts)));
  } catch (error) {
    const status = error instanceof CrmError ? SHOWN_AGAIN[error.code] : undefined;
    if (!(error instanceof CrmError) || status === undefined) throw error;
    // The page shows what is true now, not what was decided about.
    const state = await currentState(parts, response, id);
    const frame = await frameOf(parts, response);
    response.status(status).send(renderAuthorization({ ...frame, ...state, refused: error, filled: fields }));
    return;
  }
  response.redirect(303, authorizationPath(id));
}

async function listJobs(parts: PageParts, request: Request, response: Response): Promise<void> {
  const selection = selectionIn(request, JOB_STATUSES);
  const [list, frame] = await Promise.all([
    parts.crm.jobs(sessionOf(response).principal, { ...selection, limit: PAGE }),
    frameOf(parts, response),
  ]);
  response.send(renderJobs({ ...frame, list, status: selection.status, selection }));
}
