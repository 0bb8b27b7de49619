import { createHash, randomBytes } from "node:crypto";
import { hash, verify } from "@node-rs/argon2";
import type { DataSource } from "typeorm";
import { z } from "zod";
import { newId } from "../domain/core/ids.ts";
import { parse } from "../domain/core/input.ts";
import { ApiToken, User } from "../entities/user.ts";

// OWASP's argon2id parameters; memory in KiB.
const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** What the tables keep of a secret with 32 random bytes: SHA-256, hex. */
export const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("hex");

/** 32 random bytes, base64url. */
export const newSecret = (): string => randomBytes(32).toString("base64url");

export const emailInput = z.string().trim().toLowerCase().max(320);

export const LONGEST_PASSWORD = 1_000;

const ownerInput = z.strictObject({
  email: emailInput.pipe(z.email()),
  password: z.string().min(1).max(LONGEST_PASSWORD),
  name: z.string().trim().min(1).max(200),
});

/** Slow by design. */
export const hashPassword = (password: string): Promise<string> => hash(password, ARGON2);

/** Makes an owner who can sign in and decide. Refuses with a CrmError what does not fit. */
export async function createOwner(
  db: DataSource,
  owner: z.input<typeof ownerInput>,
): Promise<{ id: string }> {
  const { email, name, password } = parse(ownerInput, owner);
  const id = newId("user");
  const password_hash = await hashPassword(password);
  await db.getRepository(User).insert({ id, email, name, role: "owner", password_hash });
  return { id };
}

/** Makes a machine's token; it is told this once, only its hash stays. */
export async function createAgentToken(db: DataSource, name: string): Promise<{ id: string; token: string }> {
  const id = newId("token");
  const token = `cs_${newSecret()}`;
  const label = parse(z.string().trim().min(1).max(100), name, "name");
  await db.getRepository(ApiToken).insert({ id, name: label, token_hash: hashOf(token) });
  return { id, token };
}

let nobody: Promise<string> | undefined;

/** The active user with this e-mail and password. Takes as long for an unknown e-mail as for a wrong password. */
export async function verifyPassword(db: DataSource, email: string, password: string): Promise<User | null> {
  const user = await db.getRepository(User).findOneBy({ email: email.trim().toLowerCase() });
  nobody ??= hash(newSecret(), ARGON2);
  const right = await verify(user?.password_hash ?? (await nobody), password);
  return right && user?.active ? user : null;
}
