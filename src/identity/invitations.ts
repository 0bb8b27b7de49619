import { Raw, type DataSource } from "typeorm";
import { z } from "zod";
import { CrmError, notFound } from "../domain/core/errors.ts";
import { Invitation } from "../entities/invitation.ts";
import { rows } from "../database/sql.ts";
import { KnownDevice } from "../entities/known-device.ts";
import { Session } from "../entities/session.ts";
import { User } from "../entities/user.ts";
import { hashPassword, LONGEST_PASSWORD } from "./accounts.ts";
import { hashOf, newSecret } from "./secrets.ts";

const VALID_HOURS = 48;
const SHORTEST_PASSWORD = 12;

export const invitationLink = z.object({ url: z.string(), expires_at: z.iso.datetime() });
export type InvitationLink = z.output<typeof invitationLink>;

export const newPassword = z.strictObject({
  password: z
    .string()
    .min(SHORTEST_PASSWORD, `needs at least ${SHORTEST_PASSWORD} characters`)
    .max(LONGEST_PASSWORD),
});

export interface Inviting {
  db: DataSource;
  publicUrl: () => string;
}

/** Creates a link to choose a password for an active user; invalidates earlier links of that user. */
export async function invite({ db, publicUrl }: Inviting, userId: string): Promise<InvitationLink> {
  const user = await db.getRepository(User).findOneBy({ id: userId, active: true });
  if (!user) throw notFound("user", userId);
  const secret = newSecret();
  await db.getRepository(Invitation).delete({ user_id: user.id });
  const [link] = await rows<{ expires_at: Date }>(
    db.manager,
    `INSERT INTO invitation (token_hash, user_id, created_at, expires_at)
     VALUES ($1, $2, clock_timestamp(), clock_timestamp() + make_interval(hours => $3)) RETURNING expires_at`,
    [hashOf(secret), user.id, VALID_HOURS],
  );
  if (!link) throw new Error("an insert returned no row");
  return { url: `${publicUrl()}/welcome/${secret}`, expires_at: link.expires_at.toISOString() };
}

/** The active user behind a link; null where it was used, replaced or has expired by the database's clock. */
export async function invitedUser(db: DataSource, secret: string): Promise<User | null> {
  const found = await db.getRepository(Invitation).findOne({
    where: { token_hash: hashOf(secret), expires_at: Raw((column) => `${column} > clock_timestamp()`) },
    relations: { user: true },
  });
  return found?.user?.active ? found.user : null;
}

/** Sets the password, consumes the link, ends older sessions and forgets the browsers. Only one of two simultaneous calls succeeds. */
export async function acceptInvitation(
  db: DataSource,
  secret: string,
  { user, password }: { user: User; password: string },
): Promise<void> {
  const password_hash = await hashPassword(password);
  await db.transaction(async (manager) => {
    const { affected } = await manager.delete(Invitation, { token_hash: hashOf(secret) });
    if (affected !== 1)
      throw new CrmError("conflict", "This link has already been used.", { hint: "Sign in." });
    await manager.update(User, { id: user.id }, { password_hash });
    await manager.delete(Session, { user_id: user.id });
    await manager.delete(KnownDevice, { user_id: user.id });
  });
}
