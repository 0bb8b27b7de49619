import { chmod, mkdir, mkdtemp, statfs } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbedded } from "../../src/database/embedded/index.ts";
import { bundlePrograms } from "./bundle.ts";
import { clearFolder, killRecorded } from "./leftovers.ts";

declare global {
  /** Ends what the setup of this test run started. */
  var endTestRun: (() => Promise<void>) | undefined;
}

const FAST = {
  fsync: "off",
  full_page_writes: "off",
  synchronous_commit: "off",
  max_connections: String(300 * availableParallelism()),
};

/** Room that a run needs for its databases, with much to spare. */
const ROOM_BYTES = 4 * 1024 ** 3;

/** In memory where Linux offers the room: databases come and go by the hundred, and a disk needs twice the time for that. */
async function databaseParent(): Promise<string> {
  const memory = "/dev/shm";
  const room = await statfs(memory).catch(() => undefined);
  return room && room.bavail * room.bsize >= ROOM_BYTES ? memory : tmpdir();
}

/** Creates the folders of the test run, bundles programs and starts PostgreSQL unless TEST_DATABASE_URL names a server. */
export default async function setup(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "countersign-test-"));
  const databases = await mkdtemp(join(await databaseParent(), "countersign-test-"));
  let stopDatabase = () => Promise.resolve();
  const clear = () => {
    for (const command of killRecorded(folder)) process.stderr.write(`Left behind by a test: ${command}\n`);
    for (const each of [databases, folder]) clearFolder(each);
  };
  process.once("exit", clear); // Also if jest itself crashes.
  globalThis.endTestRun = () => stopDatabase().finally(clear);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void globalThis.endTestRun?.().finally(() => process.exit(130)));
  }
  try {
    // As root, PostgreSQL runs as another user, who needs access.
    for (const each of [databases, folder]) await chmod(each, 0o755);
    const programs = join(folder, "programs");
    await mkdir(programs);
    const database = async () => {
      if (process.env["TEST_DATABASE_URL"]) return;
      const server = await startEmbedded({ dataDir: databases, settings: FAST });
      stopDatabase = () => server.stop();
      process.env["TEST_DATABASE_URL"] = server.url;
    };
    const started = await Promise.allSettled([bundlePrograms(programs), database()]);
    for (const each of started) if (each.status === "rejected") throw each.reason;
    process.env["TEST_FOLDER"] = folder;
    process.env["TEST_PROGRAMS"] = programs;
  } catch (error) {
    await globalThis.endTestRun();
    throw error;
  }
}
