import { SingleBar } from "cli-progress";
import type { Progress } from "./entities/search-index.ts";

export type { Progress };

/** Work with a bar on the terminal, `what` is counted; no bar where stdout is no terminal. */
export async function withBar<Result>(
  what: string,
  work: (told: Progress) => Promise<Result>,
): Promise<Result> {
  if (!process.stdout.isTTY) return work(() => undefined);
  const bar = new SingleBar({ format: `{bar} {value} of {total} ${what}, {eta_formatted} left` });
  let begun = false;
  try {
    return await work((done, total) => {
      if (!begun) bar.start(total, done);
      begun = true;
      bar.update(done);
    });
  } finally {
    bar.stop();
  }
}
