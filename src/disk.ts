import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";

/** With less than this, PostgreSQL may stop in the middle of its log. */
export const FULL_BELOW_BYTES = 100e6;

/** Free bytes for a folder, which need not exist yet. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(existingParent(folder));
  return bavail * bsize;
}

/** The folder, or the nearest one above it that exists. */
export function existingParent(folder: string): string {
  let found = folder;
  while (!existsSync(found) && found !== dirname(found)) found = dirname(found);
  return found;
}
