import { CrmError, type ErrorCode, validationFailed } from "../../../domain/core/errors.ts";
import type { Call } from "../../route.ts";
import { readScope } from "../authorizations/form.ts";
import { definePage, form, frameOf, type PageParts, settingOf, view } from "../page.ts";
import { renderRules } from "./page.tsx";

/** Errors after which the page is shown again, and their statuses. */
const SHOWN_AGAIN: Partial<Record<ErrorCode, number>> = { validation_failed: 400, invalid_state: 422 };

export const rulesPage = definePage({
  path: "/rules",
  navigation: "Rules",
  for: "people",
  routes: (parts) => [
    view({ path: "/rules", summary: "All rules", handler: (call) => showRules(parts, call) }),
    form({ path: "/rules/:id/narrow", summary: "Narrow a rule", handler: (call) => narrowRule(parts, call) }),
    form({
      path: "/rules/:id/revoke",
      summary: "Revoke a rule",
      async handler({ principal, params, response }) {
        await parts.crm.revokeRule(principal, params.id);
        response.redirect(303, "/rules");
      },
    }),
  ],
});

async function showRules(parts: PageParts, { principal, response }: Call): Promise<string> {
  const list = await parts.crm.rules(principal);
  return renderRules({ ...(await frameOf(parts, response)), list });
}

async function narrowRule(
  parts: PageParts,
  { principal, params: { id }, body, response }: Call<undefined, Record<string, string>, "id">,
): Promise<string | void> {
  try {
    const scope = readScope(
      body,
      await settingOf(parts),
      "Nothing was changed. Correct it and narrow again.",
    );
    if (Object.keys(scope).length === 0) throw noLimit();
    await parts.crm.narrowRule(principal, id, scope);
  } catch (error) {
    const status = error instanceof CrmError ? SHOWN_AGAIN[error.code] : undefined;
    if (!(error instanceof CrmError) || status === undefined) throw error;
    const [list, frame] = await Promise.all([parts.crm.rules(principal), frameOf(parts, response)]);
    response.status(status);
    return renderRules({ ...frame, list, refused: { id, error, filled: body } });
  }
  response.redirect(303, `/rules#${id}`);
}

const noLimit = () =>
  validationFailed(
    [{ path: "scope", message: "has no limit" }],
    "Fill in at least one limit; empty fields stay as they are.",
  );
