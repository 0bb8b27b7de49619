import { readFile, writeFile } from "node:fs/promises";
import { format, resolveConfig } from "prettier";
import { openApi } from "../api/openapi/index.ts";
import { actionsPage } from "./actions-page.ts";
import type { Crm } from "../crm/contract.ts";
import { makeRegistry } from "../domain/core/registry.ts";
import { domains } from "../domain/index.ts";
import { makeTools } from "../mcp/tools.ts";

/**
 * `npm run generate` writes the files that are made from the registry. With `--check` it writes nothing, names the stale
 * files and exits 1.
 */

const registry = makeRegistry(domains);

async function generated(): Promise<[path: string, text: string][]> {
  const tools = makeTools({} as Crm, registry); // Describing the tools calls no method of the CRM.
  return [
    // Prettier would pad the cells: then one longer summary changes every line of its table.
    ["docs/actions.md", `${actionsPage(registry)}\n`],
    ["docs/openapi.json", await formatted("docs/openapi.json", JSON.stringify(openApi(registry, tools)))],
  ];
}

const formatted = async (path: string, text: string): Promise<string> =>
  format(text, { ...(await resolveConfig(path)), filepath: path });

const stale: string[] = [];
for (const [path, text] of await generated()) {
  if (text === (await readFile(path, "utf8").catch(() => null))) continue;
  stale.push(path);
  if (!process.argv.includes("--check")) await writeFile(path, text);
}

if (stale.length > 0 && process.argv.includes("--check")) {
  process.stderr.write(`Stale: ${stale.join(", ")}. Run \`npm run generate\` and commit what it writes.\n`);
  process.exitCode = 1;
}
