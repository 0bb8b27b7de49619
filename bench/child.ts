import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface Child {
  process: ChildProcess;
  /** Its first message. */
  greeting: string;
  end(): Promise<void>;
}

/** Starts a file of this folder in its own process and waits for its first message. */
export async function startChild(
  file: string,
  args: string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<Child> {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const greeting = await Promise.race([
    new Promise<string>((resolve) => child.once("message", (message) => resolve(String(message)))),
    exited.then((code) => Promise.reject(new Error(`${file} ended with ${code} before it was ready`))),
  ]);
  return {
    process: child,
    greeting,
    async end() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
