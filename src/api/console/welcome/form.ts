import { newPassword } from "../../../identity/invitations.ts";

/** The chosen password, or why it is not accepted. */
export function readPassword(body: unknown): { password: string } | { error: string } {
  const chosen = newPassword.safeParse({ ...Object(body) });
  if (chosen.success) return chosen.data;
  return { error: `The password ${chosen.error.issues[0]?.message ?? "is not accepted"}.` };
}
