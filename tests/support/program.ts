import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, readdir, readFile, readlink, rm } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import { tempFolder, trackChild } from "./leftovers.ts";
import { PROGRAM } from "./programs.ts";

export { PROGRAM };

/** Any OS user that is not root. */
export const NOBODY = { uid: 65_534, gid: 65_534 };

export interface Run {
  stdout(): string;
  stderr(): string;
  /** Resolves with the address from the `ready` line; rejects if the program exits before. */
  ready: Promise<string>;
  /** The exit code; null after a signal. */
  exit: Promise<number | null>;
  /** Signals the whole process group, as Ctrl-C in a terminal does. */
  signal(name: NodeJS.Signals): void;
}

export interface FirstRun {
  url: string;
  mcp_url: string;
  owner_email: string;
  owner_password: string;
  agent_token: string;
}

/** An installation with its own data folder, used through the `countersign` command. */
export interface Installation {
  dataDir: string;
  run(args: string[], env?: Record<string, string>): Run;
  /** Runs a command; resolves with its stdout, rejects if it fails. */
  command(...args: string[]): Promise<string>;
  firstRun(): Promise<FirstRun>;
  /** The PostgreSQL processes of this data folder. */
  postgres(): Promise<number[]>;
  /** `kill -9` of the program and of PostgreSQL. */
  killAll(): Promise<void>;
  clear(): Promise<void>;
}

/** Creates an empty DATA_DIR in a new folder, which is also the home of `user`. Runs the unbundled program by default. */
export async function makeInstallation(
  user: { uid?: number; gid?: number } = {},
  program: string = PROGRAM,
): Promise<Installation> {
  const home = await tempFolder("desk");
  // As root, PostgreSQL runs as another user, who needs access.
  await chmod(home, 0o755);
  if (user.uid !== undefined) await chown(home, user.uid, user.gid ?? user.uid);
  const dataDir = join(home, "data");
  const children: ChildProcess[] = [];
  const { PATH } = process.env;
  const environment = { PATH, HOME: home, DATA_DIR: dataDir, PORT: "0", LOG_LEVEL: "WARN" };

  const run: Installation["run"] = (args, env = {}) => {
    const child = trackChild(
      spawn(process.execPath, [program, ...args], {
        ...user,
        cwd: home,
        env: { ...environment, ...env },
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
    children.push(child);
    return watch(child);
  };
  const postgres = () => processesIn(join(dataDir, "postgres", "data"));
  const killAll = async () => {
    const living = children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    const exits = living.map((child) => once(child, "exit"));
    for (const child of living) child.kill("SIGKILL");
    for (const pid of await postgres()) kill(pid);
    await Promise.all(exits);
    await eventually(async () => expect(await postgres()).toEqual([]));
  };
  return {
    dataDir,
    run,
    async command(...args) {
      const { exit, stdout, stderr } = run(args);
      if ((await exit) !== 0) throw new Error(`countersign ${args.join(" ")}: ${stderr()}`);
      return stdout();
    },
    firstRun: async () => JSON.parse(await readFile(join(dataDir, "first-run.json"), "utf8")) as FirstRun,
    postgres,
    killAll,
    async clear() {
      await killAll();
      await rm(home, { recursive: true });
    },
  };
}

function watch(child: ChildProcess): Run {
  let [out, err] = ["", ""];
  child.stderr?.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const exit = new Promise<number | null>((resolve) => child.once("close", resolve));
  const ready = new Promise<string>((resolve, reject) => {
    child.stdout?.on("data", (chunk: Buffer) => {
      out += chunk.toString();
      const url = /^ready (.*)\n/m.exec(out)?.[1];
      if (url !== undefined) resolve(url);
    });
    void exit.then((code) => reject(new Error(`it ended with ${code} before it was ready:\n${out}${err}`)));
  });
  ready.catch(() => undefined); // Not every test waits for it.
  const signal = (name: NodeJS.Signals) => process.kill(-(child.pid ?? 0), name);
  return { stdout: () => out, stderr: () => err, ready, exit, signal };
}

/** The running processes whose working folder this is. */
async function processesIn(folder: string): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const folders = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => "")));
  return pids.filter((_, index) => folders[index] === folder).map(Number);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It exited with its postmaster.
  }
}
