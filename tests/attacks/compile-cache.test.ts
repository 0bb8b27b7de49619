import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { testDatabase } from "../support/database.ts";
import { tempFolder, trackChild } from "../support/leftovers.ts";
import { makeInstallation, NOBODY, PROGRAM } from "../support/program.ts";
import { productProgram } from "../support/programs.ts";

const OWNER = `tsx-${process.geteuid?.()}`;
const POISONED = 77;
const asRoot = process.getuid?.() === 0 ? it : it.skip;

async function run(args: string[], env: Record<string, string>): Promise<{ code: number; output: string }> {
  const { PATH = "" } = process.env;
  const stdio = ["ignore", "pipe", "pipe"] as const;
  const child = trackChild(spawn(process.execPath, args, { env: { PATH, ...env }, stdio: [...stdio] }));
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, "close")) as [number];
  return { code, output };
}

/** Lets all cached code of a folder end the process that runs it. */
async function poison(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const cached = JSON.parse(await readFile(join(folder, name), "utf8")) as { code: string };
    const code = `process.exit(${POISONED});${cached.code}`;
    await writeFile(join(folder, name), JSON.stringify({ ...cached, code }));
  }
}

describe("code that another user leaves for the program's compiler", () => {
  let home: string;
  let own: string;
  beforeAll(async () => {
    home = await tempFolder("cache");
    own = join(home, "own");
    await mkdir(own);
    const { code } = await run([PROGRAM, "--help"], { DATA_DIR: own });
    expect(code).toBe(0);
    await cp(join(own, "cache"), join(home, "shared"), { recursive: true });
    await poison(join(home, "shared", OWNER));
  });
  afterAll(() => rm(home, { recursive: true }));

  const help = (env: Record<string, string>) => run([PROGRAM, "--help"], env);

  it("is run by the bare compiler, from the shared temporary folder", async () => {
    const cli = join(dirname(PROGRAM), "../src/cli/index.ts");
    const bare = await run(["--import", "tsx", cli, "--help"], { TMPDIR: join(home, "shared") });
    expect(bare.code).toBe(POISONED);
  });

  it.each(["own", "not-there"])("is not run from there with the data folder %s", async (folder) => {
    const { code, output } = await help({ DATA_DIR: join(home, folder), TMPDIR: join(home, "shared") });
    expect([code, output]).toEqual([0, expect.stringContaining("Usage: countersign")]);
  });

  it("is not run from a cache or a data folder that others can write", async () => {
    for (const open of ["data", "data/cache"]) {
      const dataDir = join(home, "data");
      await mkdir(dataDir);
      await cp(join(home, "shared"), join(dataDir, "cache"), { recursive: true });
      await chmod(dataDir, 0o755);
      expect((await help({ DATA_DIR: dataDir })).code).toBe(POISONED); // Only this user could have prepared it.
      await chmod(join(home, open), 0o777);
      expect((await help({ DATA_DIR: dataDir })).code).toBe(0);
      await rm(dataDir, { recursive: true });
    }
  });

  asRoot("is not run from a cache of another user", async () => {
    const dataDir = join(home, "foreign");
    await mkdir(dataDir);
    await cp(join(home, "shared"), join(dataDir, "cache"), { recursive: true });
    await chown(join(dataDir, "cache"), NOBODY.uid, NOBODY.gid);
    expect((await help({ DATA_DIR: dataDir })).code).toBe(0);
  });
});

describe("a folder that cannot be written", () => {
  it("does not matter where it is the temporary one", async () => {
    const installation = await makeInstallation();
    try {
      const running = installation.run(["start"], { TMPDIR: "/proc" });
      expect(await running.ready).toMatch(/^http/);
      running.signal("SIGTERM");
      expect(await running.exit).toBe(0);
    } finally {
      await installation.clear();
    }
  });

  it.each(["embedded", "external"])(
    "ends the start in one line where it is DATA_DIR, with the %s database",
    async (kind) => {
      const { url, drop } = await testDatabase();
      const installation = await makeInstallation({}, productProgram());
      // Root may write everywhere, but not below a file.
      const env = { DATA_DIR: join(PROGRAM, "data"), DATABASE_URL: kind === "external" ? url : "" };
      const running = installation.run(["start"], env);
      expect(await running.exit).toBe(1);
      expect(running.stderr()).toMatch(/^countersign: DATA_DIR: .*countersign\.js\/data.*\n$/);
      await installation.clear();
      await drop();
    },
  );
});
