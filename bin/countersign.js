#!/usr/bin/env -S node --max-old-space-size=1024
// The program is TypeScript, run in this very process: a child would not see the signals meant for it.
import { fileURLToPath } from "node:url";
import { withPrivateCache } from "./compile-cache.js";

await withPrivateCache(async () => {
  const { register } = await import("tsx/esm/api");
  // Named, because tsx would look for a tsconfig in the caller's folder.
  register({ tsconfig: fileURLToPath(new URL("../tsconfig.json", import.meta.url)) });
});
await import("../src/cli/index.ts");
