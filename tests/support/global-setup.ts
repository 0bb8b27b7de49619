import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbedded } from "../../src/entities/embedded.ts";

declare global {
  /** Ends what the setup of this test run started. */
  var endTestDatabase: (() => Promise<void>) | undefined;
}

const FAST = { fsync: "off", full_page_writes: "off", synchronous_commit: "off", max_connections: "300" };

/** One PostgreSQL for the whole run, unless TEST_DATABASE_URL names another. */
export default async function setup(): Promise<void> {
  if (process.env["TEST_DATABASE_URL"]) return;
  const dataDir = await mkdtemp(join(tmpdir(), "countersign-test-"));
  // As root, the server runs as another user, who must pass.
  await chmod(dataDir, 0o755);
  const clear = () => rm(dataDir, { recursive: true });
  const server = await startEmbedded({ dataDir, settings: FAST }).catch((error) =>
    clear().then(() => Promise.reject(error)),
  );
  globalThis.endTestDatabase = () => server.stop().then(clear);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void globalThis.endTestDatabase?.().finally(() => process.exit(130)));
  }
  process.env["TEST_DATABASE_URL"] = server.url;
}
