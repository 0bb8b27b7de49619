import type { Response } from "express";
import type { DataSource } from "typeorm";
import type { Crm } from "../../crm/contract.ts";
import { CrmError } from "../../domain/core/errors.ts";
import { confirmSession } from "../../identity/sessions.ts";
import { checkPasswordAgain } from "../../identity/sign-in.ts";
import { locals, principalOf, unauthenticated } from "./authenticate.ts";
import type { SecurityLog } from "./security-log.ts";

/**
 * Refuses to allow a destructive request where the password was checked more than 15 minutes ago: somebody else may sit
 * at the person's screen. What an authorization would do never changes, so this can be checked before the decision.
 */
export async function requireRecentSignIn(
  crm: Pick<Crm, "authorization">,
  response: Response,
  { id, decision }: { id: string; decision: string },
): Promise<void> {
  if (decision !== "authorized" || locals(response).session?.recent) return;
  const { status, destructive } = await crm.authorization(principalOf(response), id);
  if (status === "pending" && destructive) throw passwordNeeded();
}

/** Checks the password of the person who is signed in, and notes the time. A wrong one is kept as a security event. */
export async function confirmPassword(
  { db, securityLog }: { db: DataSource; securityLog: SecurityLog },
  response: Response,
  password: string,
): Promise<void> {
  const { session } = locals(response);
  if (!session) throw unauthenticated();
  if (!(await checkPasswordAgain(db, session, password)))
    await securityLog.refuse(response, "wrong password of the person signed in", wrongPassword());
  await confirmSession(db, session.id);
  session.recent = true;
}

/** Whether entering the password again would help. */
export const isPasswordNeeded = (error: unknown): error is CrmError =>
  error instanceof CrmError && error.body["needs"] === "password";

const passwordNeeded = (): CrmError =>
  new CrmError(
    "forbidden",
    "This takes something away, and your password was checked more than 15 minutes ago. Nothing was decided.",
    {
      hint: "Enter your password and decide again. A program sends it to POST /api/session/password first.",
      extra: { needs: "password" },
    },
  );

const wrongPassword = (): CrmError =>
  new CrmError("forbidden", "The password is not right. Nothing was decided.", {
    hint: "Enter the password that you sign in with.",
    extra: { needs: "password" },
  });
