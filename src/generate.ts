import { readFile, writeFile } from "node:fs/promises";
import { format, resolveConfig } from "prettier";
import { openApi } from "./api/openapi/index.ts";
import { actionTable } from "./domain/core/action-table.ts";
import type { Crm } from "./domain/core/ports.ts";
import { makeRegistry } from "./domain/core/registry.ts";
import { domains } from "./domain/index.ts";
import { makeTools } from "./mcp/tools.ts";

/** `npm run generate` writes what is made from the registry; `--check` says what is stale and changes nothing. */

const README = "README.md";
const OPENAPI = "docs/openapi.json";
const TABLE = /(<!-- actions:begin -->\n)[^]*?(\n<!-- actions:end -->)/;

const registry = makeRegistry(domains);

async function generated(): Promise<[path: string, text: string][]> {
  const tools = makeTools({} as Crm, registry).list(); // What tools say of themselves asks no CRM.
  const readme = await readFile(README, "utf8");
  if (!TABLE.test(readme)) throw new Error(`${README} has lost its markers <!-- actions:begin --> and :end.`);
  return [
    [README, readme.replace(TABLE, (_, begin, end) => `${begin}\n${actionTable(registry)}\n${end}`)],
    [OPENAPI, JSON.stringify(openApi(registry, tools))],
  ];
}

const formatted = async (path: string, text: string): Promise<string> =>
  format(text, { ...(await resolveConfig(path)), filepath: path });

const stale: string[] = [];
for (const [path, raw] of await generated()) {
  const text = await formatted(path, raw);
  if (text === (await readFile(path, "utf8").catch(() => null))) continue;
  stale.push(path);
  if (!process.argv.includes("--check")) await writeFile(path, text);
}

if (stale.length > 0 && process.argv.includes("--check")) {
  process.stderr.write(`Stale: ${stale.join(", ")}. Run \`npm run generate\` and commit what it writes.\n`);
  process.exitCode = 1;
}
