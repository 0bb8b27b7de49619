import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The unbundled program, which runs from TypeScript. */
export const PROGRAM = fileURLToPath(new URL("../../bin/countersign.js", import.meta.url));

/** The programs that the global setup bundles (bundle.ts). */
export type Bundled =
  "countersign" | "stop-at" | "poison" | "skewed-clock" | "embedded-child" | "stdio-child";

/** The path of a bundled program. Outside of jest nothing is bundled. */
export function bundled(name: Bundled): string {
  const folder = process.env["TEST_PROGRAMS"];
  if (!folder) throw new Error("TEST_PROGRAMS is unset: run the tests through npm test.");
  return join(folder, `${name}.mjs`);
}

/** The product: bundled under jest, otherwise the unbundled program. */
export const productProgram = (): string => (process.env["TEST_PROGRAMS"] ? bundled("countersign") : PROGRAM);

/** The environment of a process that preloads a bundled file before the product. */
export const preloading = (name: Bundled): Record<string, string> => ({
  NODE_OPTIONS: `--import ${pathToFileURL(bundled(name)).href}`,
});
