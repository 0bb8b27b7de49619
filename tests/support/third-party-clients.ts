import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { leaveOut } from "./form.ts";

const run = promisify(execFile);

/** Third-party packages at exact versions, in a separate folder, so that `npm ci` does not install them. */
export interface ThirdPartyClients {
  /** The packages are in `<folder>/node_modules`. */
  folder: string;
  /** A Node that is new enough for these packages. */
  node: string;
  /** Imports a package; the caller declares its type. */
  load<Module>(name: string): Promise<Module>;
}

const NODE_22 = `node-22@npm:node-${process.platform}-${process.arch}@22.23.3`;
const UNREACHABLE =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTCACHED/;

/**
 * A `describe` with packages that are downloaded once and cached for the next run. If the registry is unreachable, it
 * reports the skipped tests; in CI it fails.
 */
export async function describeThirdParty(
  title: string,
  packages: string[],
  tests: (outside: ThirdPartyClients) => void,
): Promise<void> {
  const fetched = await fetchAll(packages).catch((error: unknown) => {
    const reason = UNREACHABLE.exec(String(error))?.[0];
    if (!reason) throw error;
    return { reason: `the registry cannot be reached: ${reason}` };
  });
  if ("folder" in fetched) return describe(title, () => tests(fetched));
  leaveOut(title, fetched.reason);
  describe.skip(title, () => it("needs the registry", () => undefined));
}

async function fetchAll(packages: string[]): Promise<ThirdPartyClients> {
  const [folder, node] = await Promise.all([fetched(packages), newNode()]);
  const require = createRequire(join(folder, "from-here.js"));
  return {
    folder,
    node,
    // A dynamic name has no static type.
    load: async <Module>(name: string) => (await import(pathToFileURL(require.resolve(name)).href)) as Module,
  };
}

/** The inspector and the conformance tool need Node 22; the product does not. */
async function newNode(): Promise<string> {
  if (Number(process.versions.node.split(".")[0]) >= 22) return process.execPath;
  return join(await fetched([NODE_22]), "node_modules/node-22/bin/node");
}

async function fetched(packages: string[]): Promise<string> {
  const hash = createHash("sha256").update(packages.join(" ")).digest("hex").slice(0, 12);
  const folder = join(tmpdir(), `countersign-outside-${hash}`);
  if (existsSync(folder)) return folder;
  const fresh = await mkdtemp(`${folder}-`);
  try {
    const quiet = ["--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"];
    await run("npm", ["install", ...quiet, "--loglevel=error", "--prefix", fresh, ...packages]);
    // Atomic; if another test file was faster, its folder stays.
    await rename(fresh, folder).catch((error: NodeJS.ErrnoException) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return folder;
}
