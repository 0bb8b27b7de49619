import type { Request, Response } from "express";
import { CrmError, type ErrorCode, validationFailed } from "../../domain/core/errors.ts";
import { parse } from "../../domain/core/input.ts";
import { auditQuery } from "../audit.ts";
import { renderAudit } from "./audit.tsx";
import { readScope } from "./decision-form.ts";
import { renderJob } from "./job.tsx";
import { jobPath } from "./jobs.tsx";
import { frameOf, idIn, type PageParts, sessionOf, settingOf, textFields } from "./parts.ts";
import { renderRules } from "./rules.tsx";

const PAGE = 20;
/** How long the page waits for an undo, so that it mostly shows the end. */
const UNDO_SECONDS = 3;
/** Refusals that the person can put right on the rules page. */
const SHOWN_AGAIN: Partial<Record<ErrorCode, number>> = { validation_failed: 400, invalid_state: 422 };

export async function showAudit(parts: PageParts, request: Request, response: Response): Promise<void> {
  const asked = Object.entries(request.query).filter(([, value]) => value !== ""); // A form sends its empty fields too.
  const filter = parse(auditQuery, Object.fromEntries(asked));
  const { limit = PAGE, ...selection } = filter;
  const [list, frame] = await Promise.all([
    parts.crm.audit(sessionOf(response).principal, { ...selection, limit }),
    frameOf(parts, response),
  ]);
  response.send(renderAudit({ ...frame, list, selection }));
}

export async function showRules(parts: PageParts, response: Response): Promise<void> {
  const list = await parts.crm.rules(sessionOf(response).principal);
  response.send(renderRules({ ...(await frameOf(parts, response)), list }));
}

export async function narrowRule(parts: PageParts, request: Request, response: Response): Promise<void> {
  const id = idIn(request);
  const fields = textFields(request.body);
  const { principal } = sessionOf(response);
  try {
    const scope = readScope(
      fields,
      await settingOf(parts),
      "Nothing was changed. Correct it and narrow again.",
    );
    if (Object.keys(scope).length === 0) throw nothingToNarrow();
    await parts.crm.narrowRule(principal, id, scope);
  } catch (error) {
    const status = error instanceof CrmError ? SHOWN_AGAIN[error.code] : undefined;
    if (!(error instanceof CrmError) || status === undefined) throw error;
    const [list, frame] = await Promise.all([parts.crm.rules(principal), frameOf(parts, response)]);
    response.status(status).send(renderRules({ ...frame, list, refused: { id, error, filled: fields } }));
    return;
  }
  response.redirect(303, `/rules#${id}`);
}

const nothingToNarrow = () =>
  validationFailed(
    [{ path: "scope", message: "names no limit" }],
    "Fill in at least one limit; what is left empty stays as it is.",
  );

export async function revokeRule(parts: PageParts, request: Request, response: Response): Promise<void> {
  await parts.crm.revokeRule(sessionOf(response).principal, idIn(request));
  response.redirect(303, "/rules");
}

/** A job with what it changed, and whether it can be taken back. */
export async function showJob(parts: PageParts, request: Request, response: Response): Promise<void> {
  const { principal } = sessionOf(response);
  const job = await parts.crm.job(principal, idIn(request));
  const { items } = await parts.crm.audit(principal, { job: job.job_id });
  const entry = items.find((each) => each.kind === "job") ?? null;
  const undoable =
    job.status === "completed" &&
    parts.registry.actions.get(job.action)?.undo !== undefined &&
    entry !== null &&
    entry.changes.length > 0;
  if (job.status === "queued" || job.status === "running") response.set("Refresh", "3");
  response.send(renderJob({ ...(await frameOf(parts, response)), job, entry, undoable }));
}

/** Its end, like that of every other request, is on the new job's page. */
export async function undoJob(parts: PageParts, request: Request, response: Response): Promise<void> {
  const reasoning = textFields(request.body)["reasoning"]?.trim();
  const undo = await parts.crm.submit(sessionOf(response).principal, {
    domain: "job",
    action: "undo",
    data: { job_id: idIn(request) },
    waitSeconds: UNDO_SECONDS,
    ...(reasoning && { reasoning }),
  });
  response.redirect(303, jobPath(undo.job_id));
}
