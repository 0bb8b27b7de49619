import type { EntityManager } from "typeorm";
import { z } from "zod";
import { rows } from "../../database/sql.ts";
import { User } from "../../entities/user.ts";
import { conflict, forbidden, notFound } from "../core/errors.ts";
import { idOf } from "../core/ids.ts";
import type { Principal } from "../core/principal.ts";
import { text } from "../core/fields.ts";

export const userId = idOf("user");

export const userFields = {
  email: z
    .string()
    .trim()
    .toLowerCase()
    .max(320)
    .pipe(z.email("must be an address such as olga@example.com"))
    .describe("Address used to sign in"),
  name: text(200).describe("Name"),
  role: z
    .enum(["owner", "office", "technician"])
    .describe("owner: everything; office: decides on requests of agents; technician: their own schedule"),
};

/** The fields that are safe to return; it must never include the password hash. */
export const publicUser = ({ id, email, name, role, active }: User) => ({ id, email, name, role, active });

export function mustBeOwner({ kind }: Principal): void {
  if (kind === "owner" || kind === "system") return;
  throw forbidden("Only an owner can manage users.", "Ask an owner to do it.");
}

/** Locks the user for a change. */
export async function findUser(db: EntityManager, id: string): Promise<User> {
  const user = await db.findOne(User, { where: { id }, lock: { mode: "pessimistic_write" } });
  if (!user) throw notFound("user", id);
  return user;
}

/** Throws `conflict` if this user is the last owner who can sign in. */
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
