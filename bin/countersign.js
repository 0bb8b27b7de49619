#!/usr/bin/env node
// The program is TypeScript, run in this very process: a child would not see the signals meant for it.
import { fileURLToPath } from "node:url";
import { register } from "tsx/esm/api";

// Named, because tsx would look for a tsconfig in the caller's folder.
register({ tsconfig: fileURLToPath(new URL("../tsconfig.json", import.meta.url)) });
await import("../src/cli.ts");
