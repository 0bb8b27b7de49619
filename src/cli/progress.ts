import { SingleBar } from "cli-progress";
import type { Progress } from "../database/progress.ts";

/** Shows a progress bar that counts `what`, if stdout is a terminal. */
export async function withBar<Result>(
  what: string,
  work: (report: Progress) => Promise<Result>,
): Promise<Result> {
  if (!process.stdout.isTTY) return work(() => undefined);
  const bar = new SingleBar({ format: `{bar} {value} of {total} ${what}, {eta_formatted} left` });
  let started = false;
  try {
    return await work((done, total) => {
      if (!started) bar.start(total, done);
      started = true;
      bar.update(done);
    });
  } finally {
    bar.stop();
  }
}
