import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** SHA-256 as hex. Without salt or stretching: secrets are 32 random bytes. */
export const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("hex");

/** 32 random bytes, base64url. */
export const newSecret = (): string => randomBytes(32).toString("base64url");

/** Whether a text could be one that `newSecret` made. */
export const looksLikeSecret = (text: string): boolean => /^[\w-]{43}$/.test(text);

/** Compares in constant time. */
export function sameSecret(given: unknown, expected: string): boolean {
  if (typeof given !== "string") return false;
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
