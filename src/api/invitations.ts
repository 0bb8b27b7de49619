import { type Request, type Response, Router } from "express";
import { type DataSource, MoreThan } from "typeorm";
import { z } from "zod";
import { CrmError } from "../domain/core/errors.ts";
import { Invitation, Session, User } from "../entities/user.ts";
import { hashOf, hashPassword, LONGEST_PASSWORD, newSecret } from "./accounts.ts";
import { formBody } from "./body.ts";
import { methodNotAllowed } from "./errors.ts";
import { renderWelcome } from "./pages/welcome.tsx";
import type { Watch } from "./watch.ts";

const HOUR = 3_600_000;
const VALID_MS = 48 * HOUR;
const SHORTEST_PASSWORD = 12;

export interface InvitationLink {
  url: string;
  /** ISO 8601. */
  expires_at: string;
}

export interface Inviting {
  db: DataSource;
  now: () => Date;
  publicUrl: () => string;
}

/** Makes the link by which a person chooses a (new) password; links made for them before open nothing any more. */
export async function invite({ db, now, publicUrl }: Inviting, user: User): Promise<InvitationLink> {
  const secret = newSecret();
  const expires_at = new Date(now().getTime() + VALID_MS);
  const invitations = db.getRepository(Invitation);
  await invitations.delete({ user_id: user.id });
  await invitations.insert({ token_hash: hashOf(secret), user_id: user.id, created_at: now(), expires_at });
  return { url: `${publicUrl()}/welcome/${secret}`, expires_at: expires_at.toISOString() };
}

const chosen = z.strictObject({
  password: z
    .string()
    .min(SHORTEST_PASSWORD, `needs at least ${SHORTEST_PASSWORD} characters`)
    .max(LONGEST_PASSWORD),
});

/** Where the link leads: who holds it chooses a password, once. */
export function welcomeRoutes({ db, now, watch }: Omit<Inviting, "publicUrl"> & { watch: Watch }): Router {
  const invited = async (request: Request, response: Response): Promise<Invitation & { user: User }> => {
    const token_hash = hashOf(String(request.params.token));
    const found = await db.getRepository(Invitation).findOne({
      where: { token_hash, expires_at: MoreThan(now()) },
      relations: { user: true },
    });
    if (found?.user?.active) return { ...found, user: found.user };
    await watch.note(request, response, "an invitation that opens nothing");
    throw new CrmError("not_found", "This link was used already, or it is too old.", {
      hint: "Ask the owner for a new one.",
    });
  };
  const router = Router();
  router
    .route("/welcome/:token")
    .get(async (request, response) => {
      const { user } = await invited(request, response);
      response.type("html").send(renderWelcome({ email: user.email, name: user.name }));
    })
    .post(formBody, async (request, response) => {
      const { token_hash, user } = await invited(request, response);
      const wanted = chosen.safeParse({ ...request.body });
      if (wanted.success) {
        await choose(db, { token_hash, user }, await hashPassword(wanted.data.password));
        return response.redirect(303, "/login");
      }
      const error = `The password ${wanted.error.issues[0]?.message ?? "does not fit"}.`;
      response
        .status(400)
        .type("html")
        .send(renderWelcome({ email: user.email, name: user.name, error }));
    })
    .all(methodNotAllowed("GET", "POST"));
  return router;
}

/** The link counts once, also for two who press at the same time; whoever was signed in with the old password is not. */
async function choose(
  db: DataSource,
  { token_hash, user }: Pick<Invitation, "token_hash"> & { user: User },
  password_hash: string,
): Promise<void> {
  await db.transaction(async (manager) => {
    const { affected } = await manager.delete(Invitation, { token_hash });
    if (affected !== 1) throw new CrmError("conflict", "This link was used just now.", { hint: "Sign in." });
    await manager.update(User, { id: user.id }, { password_hash });
    await manager.delete(Session, { user_id: user.id });
  });
}
