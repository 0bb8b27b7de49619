import { type Request, type Response, Router } from "express";
import { type CrmError, forbidden, notFound } from "../domain/core/errors.ts";
import { shownUser } from "../domain/user/fields.ts";
import { User } from "../entities/user.ts";
import { idIn } from "./asked.ts";
import { locals } from "./auth.ts";
import { answer, methodNotAllowed } from "./errors.ts";
import { invite, type Inviting } from "./invitations.ts";
import type { Watch } from "./watch.ts";

/** Who may sign in, as an owner sees it. */
export type UserView = ReturnType<typeof shownUser> & {
  /** Whether a password was chosen: without one nobody signs in. */
  has_password: boolean;
};

/** For owners: who may sign in, and a link for somebody who has no password yet, or forgot it. */
export function userRoutes(parts: Inviting, watch: Watch): Router {
  const users = parts.db.getRepository(User);
  const ownersOnly = async (request: Request, response: Response): Promise<void> => {
    if (locals(response).session?.principal.kind !== "owner")
      await watch.refuse(request, response, "not the owner", notForYou());
  };
  const router = Router();
  router
    .route("/users")
    .get(async (request, response) => {
      await ownersOnly(request, response);
      const items = (await users.find({ order: { created_at: "ASC", id: "ASC" } })).map(viewOf);
      answer(response, { items, next_cursor: null, total: items.length });
    })
    .all(methodNotAllowed("GET"));
  router
    .route("/users/:id/invitation")
    .post(async (request, response) => {
      await ownersOnly(request, response);
      const id = idIn(request, "user", "user");
      const user = await users.findOneBy({ id, active: true });
      if (!user) throw notFound("user", id);
      answer(response, await invite(parts, user));
    })
    .all(methodNotAllowed("POST"));
  return router;
}

const viewOf = (user: User): UserView => ({ ...shownUser(user), has_password: user.password_hash !== null });

const notForYou = (): CrmError => forbidden("Only an owner lets people in.", "Ask an owner to do it.");
