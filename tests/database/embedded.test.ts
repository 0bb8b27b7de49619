import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { connect } from "../../src/database/data-source.ts";
import { migrate } from "../../src/database/migrate.ts";
import { startEmbedded, type EmbeddedPostgres } from "../../src/database/embedded/index.ts";
import { runOf } from "../../src/database/embedded/process.ts";
import { tempFolder, trackChild } from "../support/leftovers.ts";
import { bundled } from "../support/programs.ts";

const PROGRAM = bundled("embedded-child");
const NOBODY = { uid: 65_534, gid: 65_534 };
const isRoot = process.getuid?.() === 0;
const asRoot = isRoot ? it : it.skip;
const anyoneMayRead = spawnSync(
  process.execPath,
  ["-e", `fs.accessSync(${JSON.stringify(process.cwd())})`],
  NOBODY,
);
const asRootInOpenFolder = isRoot && anyoneMayRead.status === 0 ? it : it.skip;

let dataDir: string;
let base: string;
let children: ChildProcess[];

beforeEach(async () => {
  dataDir = await tempFolder("embedded");
  await chmod(dataDir, 0o755);
  base = join(dataDir, "postgres");
  children = [];
});

afterEach(async () => {
  for (const child of children) await kill(child);
  const pid = await postmaster();
  if (pid !== undefined && (await runOf(pid)) !== undefined) await killAndWait(pid);
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
});

const start = (settings: Record<string, string> = {}): Promise<EmbeddedPostgres> =>
  startEmbedded({ dataDir, settings: { fsync: "off", ...settings } });

/** A child process that starts the cluster; `started` resolves with its result. */
function startInChild(user: { uid?: number; gid?: number } = {}) {
  const child = trackChild(
    spawn(process.execPath, [PROGRAM, dataDir], { ...user, stdio: ["pipe", "pipe", "inherit"] }),
  );
  children.push(child);
  const line = once(createInterface({ input: child.stdout }), "line") as Promise<[string]>;
  const started = line.then(([json]) => JSON.parse(json) as { url: string; adopted: boolean });
  return { child, started };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}

async function killAndWait(pid: number): Promise<void> {
  process.kill(pid, "SIGKILL");
  await until(async () => (await runOf(pid)) === undefined);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await pause(10);
}

async function postmaster(): Promise<number | undefined> {
  const text = await readFile(join(base, "data/postmaster.pid"), "utf8").catch(() => undefined);
  return text === undefined ? undefined : Number.parseInt(text, 10);
}

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const remember = (url: string) => ask(url, "CREATE TABLE kept AS SELECT 42 AS answer");
const recall = async (url: string) => (await ask(url, "SELECT answer FROM kept"))[0]?.["answer"];

describe("the embedded PostgreSQL", () => {
  it("preserves its data between two starts, and leaves no process in between", async () => {
    const first = await start();
    await remember(first.url);
    const pid = await postmaster();
    await first.stop();
    await first.stop();
    expect(await runOf(pid ?? 0)).toBeUndefined();

    const second = await start();
    expect(second.adopted).toBe(false);
    expect(await recall(second.url)).toBe(42);
    await second.stop();
  });

  it("refuses connections without the password, which only its user can read", async () => {
    const { url, stop } = await start();
    await expect(ask(url.replace(/:[0-9a-f]+@/, ":guess@"), "SELECT 1")).rejects.toThrow(
      "authentication failed",
    );
    expect((await stat(join(base, "password"))).mode & 0o777).toBe(0o600);
    await stop();
  });

  it("gives the services a login that is no superuser and owns nothing, also on the second start", async () => {
    for (const round of [1, 2]) {
      const { url, appUrl, stop } = await start();
      await migrate(url, appUrl);
      const [me] = await ask(
        appUrl,
        `SELECT session_user AS login, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication,
           (SELECT count(*)::int FROM pg_class WHERE relowner = pg_roles.oid) AS owned,
           pg_has_role('${new URL(url).username}', 'member') AS owner
         FROM pg_roles WHERE rolname = session_user`,
      );
      const nothing = { rolsuper: false, rolcreaterole: false, rolcreatedb: false, rolbypassrls: false };
      expect({ round, ...me }).toEqual({
        ...{ round, login: "countersign_login", ...nothing, rolreplication: false, owned: 0, owner: false },
      });
      const db = await connect(appUrl);
      await db.destroy();
      const { password } = new URL(appUrl);
      await expect(ask(url.replace(/:[0-9a-f]+@/, `:${password}@`), "SELECT 1")).rejects.toThrow(
        "authentication failed",
      );
      await stop();
    }
  });

  it("adopts the server that a killed process left behind, and stops it when done", async () => {
    const { child, started } = startInChild();
    const { url } = await started;
    await remember(url);
    await kill(child);

    const next = await start();
    expect(next).toMatchObject({ adopted: true, url });
    expect(await recall(next.url)).toBe(42);
    const pid = await postmaster();
    await next.stop();
    expect(await runOf(pid ?? 0)).toBeUndefined();
  });

  it("recovers after the process and the server were both killed", async () => {
    const { child, started } = startInChild();
    await remember((await started).url);
    const pid = await postmaster();
    await kill(child);
    await killAndWait(pid ?? 0);

    const next = await start();
    expect(next.adopted).toBe(false);
    expect(await recall(next.url)).toBe(42);
    await next.stop();
  });

  it("starts although the pid in postmaster.pid now belongs to another program", async () => {
    const first = await start();
    const pidFile = await readFile(join(base, "data/postmaster.pid"), "utf8");
    await first.stop();
    const { uid, gid } = await stat(join(base, "data"));
    const stranger = spawn("sleep", ["60"], { uid, gid, stdio: "ignore" });
    children.push(stranger);
    await writeFile(join(base, "data/postmaster.pid"), pidFile.replace(/^\d+/, `${stranger.pid}`));
    await chown(join(base, "data/postmaster.pid"), uid, gid);

    const next = await start();
    expect(next.adopted).toBe(false);
    await next.stop();
    expect(stranger.exitCode).toBeNull();
  });

  it("starts one server for two processes that start at once on an empty folder, and the last one stops it", async () => {
    const [one, other] = [startInChild(), startInChild()];
    const [first, second] = await Promise.all([one.started, other.started]);
    expect([first.adopted, second.adopted].sort()).toEqual([false, true]);
    expect(first.url).toBe(second.url);

    const starter = first.adopted ? other : one;
    const adopter = first.adopted ? one : other;
    const pid = await postmaster();
    starter.child.stdin.end();
    await once(starter.child, "exit");
    expect(await ask(first.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    adopter.child.stdin.end();
    await once(adopter.child, "exit");
    expect(await runOf(pid ?? 0)).toBeUndefined();
  });

  it("creates the cluster again when the first start was killed during initdb", async () => {
    const { child, started } = startInChild();
    started.catch(() => undefined);
    await until(async () => (await readdir(base).catch(() => [])).some((name) => name.startsWith("init-")));
    await kill(child);

    const next = await start();
    await remember(next.url);
    await next.stop();
    expect((await readdir(base)).filter((name) => name === "lock")).toEqual([]);
  });

  it("renames a data folder without a cluster instead of deleting it", async () => {
    await mkdir(join(base, "data"), { recursive: true });
    await writeFile(join(base, "data/notes.txt"), "mine");
    const { stop } = await start();
    await stop();
    const aside = (await readdir(base)).find((name) => name.startsWith("data.incomplete-"));
    expect(await readFile(join(base, aside ?? "", "notes.txt"), "utf8")).toBe("mine");
  });

  it("quotes the log, and leaves no process, when the server does not start", async () => {
    await expect(start({ shared_buffers: "plenty" })).rejects.toThrow(
      /invalid value.*"plenty"[^]*DATABASE_URL/,
    );
    expect(await postmaster()).toBeUndefined();
    expect(await readdir(join(base, "users"))).toEqual([]);
  });

  asRootInOpenFolder("serves an ordinary user as that user", async () => {
    await chown(dataDir, NOBODY.uid, NOBODY.gid);
    const { child, started } = startInChild(NOBODY);
    const { url } = await started;
    expect(await ask(url, "SELECT current_user AS me")).toEqual([{ me: "countersign" }]);
    const pid = await postmaster();
    expect((await stat(`/proc/${pid}`)).uid).toBe(NOBODY.uid);
    child.stdin.end();
    await once(child, "exit");
    expect(await runOf(pid ?? 0)).toBeUndefined();
  });

  asRoot("goes elsewhere, and finds its data again, where the server's user cannot enter", async () => {
    await chmod(dataDir, 0o700);
    const lines: string[] = [];
    const first = await startEmbedded({
      dataDir,
      settings: { fsync: "off" },
      log: (line) => lines.push(line),
    });
    base = (await readFile(join(dataDir, "postgres/location"), "utf8")).trim();
    try {
      expect(lines.join()).toContain(base);
      await remember(first.url);
      await first.stop();
      const next = await start();
      expect(await recall(next.url)).toBe(42);
      await next.stop();
    } finally {
      expect(dirname(base)).toBe("/var/lib/countersign");
      await rm(base, { recursive: true });
    }
  });
});
