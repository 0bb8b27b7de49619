import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { cp, readFile, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Folders whose tests start processes of the product: too slow to run for each mutant. */
const SLOW = ["faults", "flows", "attacks", "browser", "clients", "support", "demo"];

/** The fastest test files first; ends at the first failed test (tests/support/jest/environment.cjs). */
const JEST = [
  ...["--experimental-vm-modules", "node_modules/jest/bin/jest.js"],
  ...["--testSequencer", "./tests/support/jest/fastest-first.cjs"],
  ...["--runInBand", "--bail", "--silent", "--passWithNoTests", "--forceExit"],
];

/** A copy of the tree in which mutants are tested. */
export interface Copy {
  /** Runs these tests once for all the files, unchanged. Returns their time; undefined if they fail or take too long. */
  timeOf(stages: Stage[], limitMs: number): Promise<number | undefined>;
  /** Runs the stages, until one fails, with `source` as the file's content. */
  test(file: string, source: string, stages: (Stage & { limitMs: number })[]): Promise<Verdict>;
  /** Ends the running tests. */
  stop(): void;
}

/** Tests of one jest run: the file's own, all in a folder, or all that import it. */
export interface Stage {
  kind: "own" | "folder" | "importing";
  of: string;
}

export type Verdict = "survived" | "killed" | "timed out";

export async function copyTree(root: string, folder: string, env: NodeJS.ProcessEnv): Promise<Copy> {
  const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], { cwd: root });
  for (const file of listed.toString().split("\0").filter(Boolean)) {
    if (existsSync(join(root, file))) await cp(join(root, file), join(folder, file));
  }
  await symlink(join(root, "node_modules"), join(folder, "node_modules"), "dir");
  let running: ChildProcess | undefined;
  let stopped = false;

  /** Whether all of these tests pass; undefined after the time limit. */
  async function passes(args: string[], limitMs: number): Promise<boolean | undefined> {
    const child = spawn(process.execPath, [...JEST, ...args], {
      cwd: folder,
      env: { ...env, TEST_STOP_AT_FIRST: "1" },
      stdio: "ignore",
      detached: true,
    });
    running = child;
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    let timedOut = false;
    const limit = setTimeout(() => {
      timedOut = true;
      void endGroup(child, ended);
    }, limitMs);
    const code = await ended;
    clearTimeout(limit);
    running = undefined;
    return timedOut ? undefined : code === 0;
  }

  return {
    async timeOf(stages, limitMs) {
      const start = performance.now();
      const passed = stages.length === 0 || (await passes(argumentsOf(stages), limitMs));
      return passed ? performance.now() - start : undefined;
    },
    async test(file, source, stages) {
      if (stopped) return new Promise(() => undefined); // The program is about to end.
      const path = join(folder, file);
      const before = await readFile(path, "utf8");
      await writeFile(path, source);
      try {
        for (const stage of stages) {
          const passed = await passes(argumentsOf([stage]), stage.limitMs);
          if (passed === undefined) return "timed out";
          if (!passed) return "killed";
        }
        return "survived";
      } finally {
        if (!stopped) await writeFile(path, before);
      }
    },
    stop() {
      stopped = true;
      if (running) void endGroup(running, once(running, "exit"));
    },
  };
}

/** SIGTERM first, so that the tests' teardown removes their databases and files; SIGKILL after five seconds. */
async function endGroup(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  const send = (signal: NodeJS.Signals) => {
    try {
      process.kill(-(child.pid ?? 0), signal);
    } catch {
      // The process has ended.
    }
  };
  send("SIGTERM");
  const killTimer = setTimeout(() => send("SIGKILL"), 5_000);
  await ended;
  clearTimeout(killTimer);
}

/**
 * What to run for a mutant of the file, one after the other: its own tests, those of the mirrored folder, then those in
 * `others`, or all that import the file where `others` is undefined.
 */
export function stagesOf(file: string, root: string, others?: readonly string[]): Stage[] {
  const mirrored = dirname(file).replace(/^src/, "tests");
  const own = `${mirrored}/${basename(file).replace(/\.tsx?$/, "")}.test.`;
  const hasOwn = ["ts", "tsx"].some((ending) => existsSync(join(root, own + ending)));
  const inFolder = mirrored !== "tests" && existsSync(join(root, mirrored));
  return [
    ...(hasOwn ? [{ kind: "own", of: own } as const] : []),
    ...(inFolder ? [{ kind: "folder", of: `${mirrored}/` } as const] : []),
    ...(others?.map((of) => ({ kind: "folder", of }) as const) ?? [{ kind: "importing", of: file } as const]),
  ];
}

/** Arguments of the jest run for these stages, all of one kind. */
function argumentsOf(stages: Stage[]): string[] {
  const kind = stages[0]?.kind;
  const asked = [...new Set(stages.map(({ of }) => of))];
  const slow = ["--testPathIgnorePatterns", ...SLOW.map((name) => `/tests/${name}/`)];
  if (kind === "importing") return ["--findRelatedTests", ...asked, ...slow];
  const patterns = ["--testPathPatterns", ...asked.map((path) => `/${escaped(path)}`)];
  return kind === "own" ? patterns : [...patterns, ...slow];
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
