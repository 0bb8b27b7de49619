import type { Call } from "../../route.ts";
import { forgetOtherDevices } from "../../../identity/devices.ts";
import { endOtherSessions, endSession, listSessions } from "../../../identity/sessions.ts";
import { locals } from "../../security/authenticate.ts";
import { cookie, deviceCookie } from "../../security/cookies.ts";
import { definePage, form, frameOf, type PageParts, sessionOf, view } from "../page.ts";
import { renderAccount } from "./page.tsx";

/** A person's own account; linked from the name in the header. */
export const accountPage = definePage({
  path: "/account",
  for: "session",
  routes: (parts) => [
    view({
      path: "/account",
      summary: "The person's own account and sessions",
      async handler({ response, principal }) {
        const [frame, sessions] = await Promise.all([
          frameOf(parts, response),
          listSessions(parts.db, principal.id),
        ]);
        return renderAccount({ ...frame, email: locals(response).session?.email ?? "", sessions });
      },
    }),
    form({
      path: "/account/sessions/end-others",
      summary: "End all other sessions of this person",
      handler: (call) => endOthers(parts, call),
    }),
    form({
      path: "/account/sessions/:id/end",
      summary: "End one session of this person",
      async handler({ principal, params, response }) {
        await endSession(parts.db, principal.id, params.id);
        response.redirect(303, "/account");
      },
    }),
  ],
});

/** The other browsers are forgotten too: their attempts to sign in count as a stranger's. */
async function endOthers(
  { db }: PageParts,
  { principal, request, response }: Call<undefined, Record<string, string>>,
): Promise<void> {
  await endOtherSessions(db, principal.id, sessionOf(response).id);
  const email = locals(response).session?.email ?? "";
  await forgetOtherDevices(db, principal.id, cookie(request, deviceCookie(email)));
  response.redirect(303, "/account");
}
