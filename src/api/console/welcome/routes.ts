import type { Response } from "express";
import { CrmError } from "../../../domain/core/errors.ts";
import type { User } from "../../../entities/user.ts";
import { acceptInvitation, invitedUser } from "../../../identity/invitations.ts";
import { setDeviceCookie } from "../login/routes.ts";
import { definePage, form, type PageParts, view } from "../page.ts";
import { readPassword } from "./form.ts";
import { renderWelcome } from "./page.tsx";

/** The page behind an invitation link. The link alone is the credential, and works once. */
export const welcomePage = definePage({
  path: "/welcome/:token",
  for: "visitor",
  routes: (parts) => [
    view({
      path: "/welcome/:token",
      summary: "Choose a password",
      handler: async ({ response, params }) => renderWelcome(await invited(parts, params.token, response)),
    }),
    form({
      path: "/welcome/:token",
      summary: "Set the password",
      async handler({ request, response, params: { token } }) {
        const user = await invited(parts, token, response);
        const chosen = readPassword(request.body);
        if ("error" in chosen) {
          response.status(400);
          return renderWelcome({ email: user.email, name: user.name, error: chosen.error });
        }
        await acceptInvitation(parts.db, token, { user, password: chosen.password });
        // The link proved who this is: a stranger's attempts must not keep them from signing in now.
        await setDeviceCookie(parts, { request, response }, user);
        response.redirect(303, "/login");
      },
    }),
  ],
});

async function invited({ db, securityLog }: PageParts, token: string, response: Response): Promise<User> {
  const user = await invitedUser(db, token);
  if (user) return user;
  await securityLog.note(response, "an unknown or used invitation");
  throw new CrmError("not_found", "This link was already used, or it has expired.", {
    hint: "Ask the owner for a new one.",
  });
}
