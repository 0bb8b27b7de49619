import { readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Test files that run as separate processes or are preloaded into a process of the product. */
const OWN = {
  "stop-at": "tests/support/stop-at.ts",
  poison: "tests/support/poison.ts",
  "skewed-clock": "tests/support/skewed-clock.ts",
  "embedded-child": "tests/support/embedded-child.ts",
  "stdio-child": "tests/mcp/stdio-child.ts",
};

/** Replaces import.meta.url, so that a bundled module finds files relative to its source. */
const sourceUrls: Plugin = {
  name: "source-urls",
  setup({ onLoad }) {
    onLoad({ filter: /\.tsx?$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const contents = source.replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href));
      return { contents, loader: path.endsWith("x") ? "tsx" : "ts" };
    });
  },
};

/**
 * Bundles our own code to JavaScript; packages stay external. A process then starts in about half the CPU time that it
 * takes from TypeScript, and the tests start more than a hundred processes.
 */
export async function bundlePrograms(folder: string): Promise<void> {
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"), "dir");
  await build({
    absWorkingDir: ROOT,
    entryPoints: { countersign: await cliOf("bin/countersign.js"), ...OWN },
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    packages: "external",
    platform: "node",
    target: "node20",
    format: "esm",
    sourcemap: true,
    logLevel: "warning",
    plugins: [sourceUrls],
  });
}

/** The source file that the program's start file imports. */
async function cliOf(program: string): Promise<string> {
  const imported = /import\("\.\.\/(src\/.+\.ts)"\)/.exec(await readFile(join(ROOT, program), "utf8"))?.[1];
  if (!imported) throw new Error(`${program} imports no file of src/`);
  return imported;
}
