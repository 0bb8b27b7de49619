import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { rm } from "node:fs/promises";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { tempFolder, trackChild } from "./leftovers.ts";

export interface TestRedis {
  url: string;
  /** SIGKILL loses all data, because nothing is persisted; SIGSTOP makes it hang until SIGCONT. */
  kill(signal: NodeJS.Signals): void;
  /** Starts it again, empty, on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Whether tests on Redis can run here; if not, the reason and the fix in one line. */
export function redisAvailable(): { available: true } | { available: false; reason: string } {
  if (spawnSync("redis-server", ["--version"]).status === 0) return { available: true };
  return { available: false, reason: "no redis-server; install it with: apt-get install redis-server" };
}

/** Starts a Redis on a free port; the caller stops it. */
export async function startRedis(settings: Record<string, string> = {}): Promise<TestRedis> {
  const dir = await tempFolder("redis");
  const port = await freePort();
  let server = await launch(port, dir, settings);

  return {
    url: `redis://127.0.0.1:${port}`,
    kill: (signal) => void server.kill(signal),
    async restart() {
      await ended(server);
      server = await launch(port, dir, settings);
    },
    async stop() {
      await ended(server);
      await rm(dir, { recursive: true });
    },
  };
}

async function launch(port: number, dir: string, settings: Record<string, string>): Promise<ChildProcess> {
  const options = {
    port: String(port),
    bind: "127.0.0.1",
    dir,
    save: "",
    appendonly: "no",
    "maxmemory-policy": "noeviction",
    ...settings,
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const server = trackChild(spawn("redis-server", args, { stdio: ["ignore", "pipe", "inherit"] }));
  const lines: string[] = [];
  for await (const line of createInterface({ input: server.stdout })) {
    lines.push(line);
    if (line.includes("Ready to accept connections")) {
      server.stdout.resume();
      return server;
    }
  }
  throw new Error(`redis-server did not start:\n${lines.join("\n")}`);
}

async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exit = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGKILL");
  await exit;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
