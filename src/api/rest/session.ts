import type { Response } from "express";
import type { DataSource } from "typeorm";
import { z } from "zod";
import { CrmError } from "../../domain/core/errors.ts";
import { LONGEST_PASSWORD } from "../../identity/accounts.ts";
import { defineRoute, type Route } from "../route.ts";
import { named } from "../schema.ts";
import { locals } from "../security/authenticate.ts";
import { confirmPassword } from "../security/recent-sign-in.ts";
import type { SecurityLog } from "../security/security-log.ts";

const sessionAnswer = z.object({
  user: z.object({ id: z.string(), email: z.string(), name: z.string(), role: z.string() }),
  csrf_token: z.string().describe("Send it as X-CSRF-Token with every request that changes something"),
});

const passwordInput = z.strictObject({ password: z.string().min(1).max(LONGEST_PASSWORD) });

export const sessionRoutes = (parts: { db: DataSource; securityLog: SecurityLog }): Route[] => [
  defineRoute({
    method: "get",
    path: "/api/session",
    id: "read_session",
    summary: "Read who is signed in, and the CSRF token",
    for: "session",
    answer: named("Session", sessionAnswer),
    handler: ({ response }) => sessionOf(response),
  }),
  defineRoute({
    method: "post",
    path: "/api/session/password",
    id: "confirm_password",
    summary: "Give the password again, before allowing something destructive",
    description: "Counts for 15 minutes, in this session only. A wrong password is `forbidden`.",
    for: "session",
    body: passwordInput,
    answer: named("Session", sessionAnswer),
    refusals: ["rate_limited"],
    async handler({ response, body }) {
      await confirmPassword(parts, response, body.password);
      return sessionOf(response);
    },
  }),
];

function sessionOf(response: Response): z.output<typeof sessionAnswer> {
  const { session } = locals(response);
  if (!session) throw notSignedIn();
  const { kind: role, id, name } = session.principal;
  return { user: { id, email: session.email, name, role }, csrf_token: session.csrfToken };
}

const notSignedIn = () =>
  new CrmError("unauthenticated", "Nobody is signed in.", { hint: "Sign in at /login first." });
