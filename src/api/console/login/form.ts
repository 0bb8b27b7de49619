import { z } from "zod";
import { parse } from "../../../domain/core/input.ts";
import { emailInput, LONGEST_PASSWORD } from "../../../identity/accounts.ts";

const loginForm = z.strictObject({
  email: emailInput,
  password: z.string().max(LONGEST_PASSWORD),
  _csrf: z.string().max(200).default(""),
  next: z.string().max(2_000).optional(),
});
export type LoginForm = z.output<typeof loginForm>;

export const readLogin = (body: unknown): LoginForm => parse(loginForm, { ...Object(body) });

/** A path on this server, or null: signing in must not lead to another site. */
export function ownPath(next: string | undefined): string | null {
  const base = "http://here.invalid";
  if (!next?.startsWith("/") || !URL.canParse(next, base)) return null;
  const { origin, pathname, search } = new URL(next, base);
  return origin === base && !pathname.startsWith("//") ? pathname + search : null;
}
