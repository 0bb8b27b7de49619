import type { DataSource } from "typeorm";
import type { User } from "../entities/user.ts";
import { verifyPassword } from "./accounts.ts";
import {
  type Attempted,
  type AttemptLimit,
  clearAttempts,
  giveBackAttempt,
  spendAttempt,
} from "./attempts.ts";
import { isKnownDevice } from "./devices.ts";
import { hashOf } from "./secrets.ts";

const QUARTER_HOUR = 15 * 60;
const HOUR = 60 * 60;

/** Whatever the e-mail: each sign-in costs a full argon2 run. */
const PER_ADDRESS: AttemptLimit = {
  most: 100,
  seconds: QUARTER_HOUR,
  name: "100 sign-ins in 15 minutes per address",
};
const PER_EMAIL_AND_ADDRESS: AttemptLimit = {
  most: 10,
  seconds: QUARTER_HOUR,
  name: "10 sign-ins in 15 minutes per e-mail and address",
};
/** Against guesses from many addresses. Known devices are not counted here, so that it locks nobody out of their own. */
const PER_EMAIL: AttemptLimit = { most: 30, seconds: HOUR, name: "30 sign-ins in 1 hour per e-mail" };
/** A browser in which this user has signed in before: what strangers do elsewhere does not count against it. */
const PER_DEVICE: AttemptLimit = {
  most: 10,
  seconds: QUARTER_HOUR,
  name: "10 sign-ins in 15 minutes per browser",
};
const PER_SESSION: AttemptLimit = {
  most: 10,
  seconds: QUARTER_HOUR,
  name: "10 password checks in 15 minutes per session",
};

export interface Credentials {
  /** Lower case. */
  email: string;
  password: string;
  /** Where the attempt comes from: an IPv4 address or an IPv6 network. */
  network: string;
  /** Cookie of a browser that may be known. */
  device: string | undefined;
}

/** The active user with this e-mail and password, or null. Throws rate_limited before the password is looked at. */
export async function checkSignIn(db: DataSource, given: Credentials): Promise<User | null> {
  const { email, password, network, device } = given;
  const known = await isKnownDevice(db, email, device);
  const resets: Attempted = known
    ? { limit: PER_DEVICE, by: hashOf(`${email} ${device}`) }
    : { limit: PER_EMAIL_AND_ADDRESS, by: `${email} ${network}` };
  const perEmail: Attempted = { limit: PER_EMAIL, by: email };
  // In this order: an address that is over its limit must not use up an e-mail's.
  if (!known) await spendAttempt(db, { limit: PER_ADDRESS, by: network });
  await spendAttempt(db, resets);
  if (!known) await spendAttempt(db, perEmail);
  const user = await verifyPassword(db, email, password);
  if (!user) return null;
  await clearAttempts(db, resets);
  if (!known) await giveBackAttempt(db, perEmail);
  return user;
}

/** Whether this is the password of the user who is signed in; limited per session. */
export async function checkPasswordAgain(
  db: DataSource,
  session: { id: string; email: string },
  password: string,
): Promise<boolean> {
  const attempted: Attempted = { limit: PER_SESSION, by: session.id };
  await spendAttempt(db, attempted);
  const right = (await verifyPassword(db, session.email, password)) !== null;
  if (right) await clearAttempts(db, attempted);
  return right;
}
