import { spawnSync } from "node:child_process";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { makeHealth } from "../src/health.ts";
import { connect } from "../src/database/data-source.ts";
import { type TestDatabase, testDatabase } from "./support/database.ts";
import { leaveOut } from "./support/form.ts";
import { tempFolder } from "./support/leftovers.ts";

const well = { ping: () => Promise.resolve() };
const SMALL_MB = 8;

/** Mounts a small disk; false where this user may not. */
const mountSmall = (folder: string) =>
  spawnSync("mount", ["-t", "tmpfs", "-o", `size=${SMALL_MB}m,mode=0777`, "tmpfs", folder]).status === 0;

describe("health", () => {
  let test: TestDatabase;
  let folder: string;
  let mounted: boolean;
  beforeAll(async () => {
    test = await testDatabase();
    folder = await tempFolder("small-disk");
    await chmod(folder, 0o755);
    mounted = mountSmall(folder);
    if (!mounted) leaveOut("a full disk", "only root can mount a small disk");
  });
  afterAll(async () => {
    await test.drop();
    if (mounted) spawnSync("umount", ["--lazy", folder]);
  });

  it("names nothing when all is well, and a queue that does not answer", async () => {
    const health = (ping: () => Promise<void>) =>
      makeHealth({ db: test.db, queues: { ping }, dataDir: undefined })();
    expect(await health(well.ping)).toEqual({ database: null, queue: null, disk: null });
    expect(await health(() => Promise.reject(new Error("down")))).toMatchObject({ queue: "does not answer" });
  });

  it("names the disk of the embedded database when less than 100 MB are left", async () => {
    if (!mounted) return;
    const health = makeHealth({ db: test.db, queues: well, dataDir: join(folder, "not-there-yet") });
    expect((await health()).disk).toMatch(/^is full: [0-8] MB are left for DATA_DIR$/);
  });

  it("names the disk of any database that cannot write, until it has room again", async () => {
    if (!mounted) return;
    const disk = join(folder, "disk");
    await mkdir(disk);
    const admin = new pg.Client(test.url);
    await admin.connect();
    spawnSync("chown", ["postgres", disk]);
    await admin.query(`CREATE TABLESPACE small_disk LOCATION '${disk}'`);
    try {
      await admin.query("GRANT CREATE ON TABLESPACE small_disk TO countersign_app");
      await admin.query(
        `ALTER DATABASE ${new URL(test.url).pathname.slice(1)} SET temp_tablespaces = small_disk`,
      );
      const db = await connect(test.url, { poolSize: 1 });
      const ask = () => makeHealth({ db, queues: well, dataDir: undefined })();
      expect((await ask()).disk).toBeNull();
      await writeFile(join(folder, "filler"), Buffer.alloc(SMALL_MB * 1024 * 1024)).catch(() => undefined);
      expect(await ask()).toEqual({
        database: null,
        queue: null,
        disk: "is full: the database cannot write",
      });
      await rm(join(folder, "filler"));
      expect((await ask()).disk).toBeNull();
      await db.destroy();
    } finally {
      await admin.query(`ALTER DATABASE ${new URL(test.url).pathname.slice(1)} RESET temp_tablespaces`);
      await admin.query("DROP TABLESPACE small_disk");
      await admin.end();
    }
  });
});
