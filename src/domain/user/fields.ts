import type { EntityManager } from "typeorm";
import { z } from "zod";
import { rows } from "../../entities/database.ts";
import { User } from "../../entities/user.ts";
import { conflict, forbidden, notFound } from "../core/errors.ts";
import { idOf } from "../core/ids.ts";
import type { Principal } from "../core/principal.ts";
import { text } from "../core/text.ts";

export const userId = idOf("user");

export const userFields = {
  email: z
    .string()
    .trim()
    .toLowerCase()
    .max(320)
    .pipe(z.email("must be an address such as olga@example.com"))
    .describe("They sign in with it"),
  name: text(200).describe("Name"),
  role: z
    .enum(["owner", "office", "technician"])
    .describe("owner: everything; office: decides what agents ask; technician: the own day"),
};

/** What of a user is shown: never a hash. */
export const shownUser = ({ id, email, name, role, active }: User) => ({ id, email, name, role, active });

export function mustBeOwner({ kind }: Principal): void {
  if (kind === "owner" || kind === "system") return;
  throw forbidden("Only an owner says who may sign in.", "Ask an owner to do it.");
}

/** Read in order to change. */
export async function findUser(db: EntityManager, id: string): Promise<User> {
  const user = await db.findOne(User, { where: { id }, lock: { mode: "pessimistic_write" } });
  if (!user) throw notFound("user", id);
  return user;
}

/** Somebody must stay who can sign in as owner. */
export async function mustLeaveAnOwner(db: EntityManager, user: User): Promise<void> {
  if (user.role !== "owner" || !user.active) return;
  const [other] = await rows(
    db,
    `SELECT FROM "user" WHERE role = 'owner' AND active AND password_hash IS NOT NULL AND id <> $1 LIMIT 1 FOR UPDATE`,
    [user.id],
  );
  if (!other)
    throw conflict(`${user.name} is the last owner who can sign in.`, "Make somebody else an owner first.");
}
