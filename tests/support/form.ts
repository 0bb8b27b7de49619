import { appendFileSync } from "node:fs";
import { join } from "node:path";

/** Whether `npm run test:all` is running; `npm test` skips slow tests that rarely find anything. */
export const LONG_FORM = process.env["TEST_FORM"] === "long";

/** Number of repetitions: `all` in the long form, else `usual`. */
export const rounds = (usual: number, all: number): number => (LONG_FORM ? all : usual);

/**
 * Records which tests cannot run on this machine and why, for the line at the end of the run (jest/reporter.js). Throws
 * in CI, so that no test is skipped silently.
 */
export function leaveOut(what: string, reason: string): void {
  if (process.env["CI"] === "true") throw new Error(`${what}: ${reason}`);
  const folder = process.env["TEST_FOLDER"];
  if (folder) appendFileSync(join(folder, "left-out"), `${reason}\t${what}\n`);
  else process.stderr.write(`Left out: ${what}: ${reason}\n`);
}
