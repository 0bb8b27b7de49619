import { hash, verify } from "@node-rs/argon2";
import type { DataSource, EntityManager } from "typeorm";
import { z } from "zod";
import { newId } from "../domain/core/ids.ts";
import { parse } from "../domain/core/input.ts";
import { publicUser } from "../domain/user/fields.ts";
import { User } from "../entities/user.ts";
import { newSecret } from "./secrets.ts";

// OWASP's argon2id parameters; memory in KiB.
const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export const emailInput = z.string().trim().toLowerCase().max(320);

export const LONGEST_PASSWORD = 1_000;

const ownerInput = z.strictObject({
  email: emailInput.pipe(z.email()),
  password: z.string().min(1).max(LONGEST_PASSWORD),
  name: z.string().trim().min(1).max(200),
});

/** Slow by design. */
export const hashPassword = (password: string): Promise<string> => hash(password, ARGON2);

/** Creates an owner who can sign in and decide; throws a CrmError for invalid input. */
export async function createOwner(
  db: DataSource | EntityManager,
  owner: z.input<typeof ownerInput>,
): Promise<{ id: string }> {
  const { email, name, password } = parse(ownerInput, owner);
  const id = newId("user");
  const password_hash = await hashPassword(password);
  await db.getRepository(User).insert({ id, email, name, role: "owner", password_hash });
  return { id };
}

/** Verified for unknown e-mails, so that they take as long as a wrong password. */
let decoy: Promise<string> | undefined;

/** The active user with this e-mail and password. An unknown e-mail takes as long as a wrong password. */
export async function verifyPassword(db: DataSource, email: string, password: string): Promise<User | null> {
  const user = await db.getRepository(User).findOneBy({ email: email.trim().toLowerCase() });
  decoy ??= hash(newSecret(), ARGON2);
  const right = await verify(user?.password_hash ?? (await decoy), password);
  return right && user?.active ? user : null;
}

export const userView = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  role: z.enum(["owner", "office", "technician"]),
  active: z.boolean().describe("false: archived, cannot sign in"),
  has_password: z.boolean().describe("false: never invited, or no password chosen yet"),
});
/** Who may sign in, as an owner sees it. */
export type UserView = z.output<typeof userView>;

/** All users, the oldest first, archived ones too. */
export async function listUsers(db: DataSource): Promise<UserView[]> {
  const users = await db.getRepository(User).find({ order: { created_at: "ASC", id: "ASC" } });
  return users.map((user) => ({ ...publicUser(user), has_password: user.password_hash !== null }));
}
