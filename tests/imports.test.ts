import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

/** One forbidden import for each rule of .dependency-cruiser.cjs: rule, importing file, what it imports. */
const FORBIDDEN = [
  ["entities-import-entities", "entities/probe.ts", "domain/core/ids.ts"],
  ["database-imports-entities", "database/probe.ts", "domain/core/ids.ts"],
  ["queue-imports-database", "queue/probe.ts", "entities/job.ts"],
  ["domain-imports-domain", "domain/lead/probe.ts", "config.ts"],
  ["domain-imports-domain", "domain/ticket/probe.ts", "database/data-source.ts"],
  ["domain-uses-no-transport", "domain/contact/probe.ts", "express"],
  ["core-imports-core", "domain/core/probe.ts", "domain/query/cursor.ts"],
  ["core-imports-core", "domain/core/probe-record.ts", "domain/ticket/create.ts"],
  ["query-imports-core", "domain/query/probe.ts", "domain/engine/jobs.ts"],
  ["query-imports-core", "domain/query/probe-record.ts", "domain/contact/fields.ts"],
  ["engine-imports-core", "domain/engine/probe.ts", "domain/contact/fields.ts"],
  ["schedule-imports-core", "domain/schedule/probe.ts", "domain/settings/current.ts"],
  ["records-import-no-engine", "domain/service/probe.ts", "domain/engine/jobs.ts"],
  ["identity-imports-domain", "identity/probe.ts", "crm/contract.ts"],
  ["crm-imports-domain", "crm/probe.ts", "workers/relay.ts"],
  ["api-imports-crm", "api/probe.ts", "workers/relay.ts"],
  ["api-imports-crm", "api/probe-mcp.ts", "mcp/tools.ts"],
  ["mcp-imports-crm", "mcp/probe.ts", "api/errors.ts"],
  ["mcp-imports-crm", "mcp/probe-workers.ts", "workers/relay.ts"],
  ["workers-import-domain", "workers/probe.ts", "api/errors.ts"],
  ["workers-import-domain", "workers/probe-mcp.ts", "mcp/tools.ts"],
  ["data-imports-domain", "data/probe.ts", "crm/contract.ts"],
  ["demo-imports-domain", "demo/probe.ts", "crm/contract.ts"],
  ["only-workers-execute", "crm/probe-execute.ts", "domain/engine/execute.ts"],
  ["main-and-cli-on-top", "api/probe-cli.ts", "cli/doctor.ts"],
  ["no-catch-all-names", "domain/holiday/probe.ts", "domain/holiday/time-utils.ts"],
  ["no-catch-all-names", "workers/probe-folder.ts", "workers/helpers/probe.ts"],
  ["no-cycle", "domain/user/probe-a.ts", "domain/user/probe-b.ts"],
] as const;

/** Files that the forbidden imports need and the source does not have. */
const NEW_FILES = {
  "domain/holiday/time-utils.ts": "export {};\n",
  "workers/helpers/probe.ts": "export {};\n",
  "domain/user/probe-b.ts": 'export type * from "./probe-a.ts";\n',
};

interface Violation {
  rule: { name: string };
  from: string;
  to: string;
}

describe("the import rules", () => {
  let folder: string;
  let violations: Violation[];
  const inProbes = ({ from }: Violation) => /\/probe[\w-]*\.ts$/.test(from);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "countersign-imports-"));
    await cp("src", join(folder, "src"), { recursive: true });
    await cp("tsconfig.json", join(folder, "tsconfig.json"));
    await symlink(join(process.cwd(), "node_modules"), join(folder, "node_modules"));
    for (const [, file, target] of FORBIDDEN) await write(file, importOf(file, target));
    for (const [file, content] of Object.entries(NEW_FILES)) await write(file, content);
    violations = await check();
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function write(file: string, content: string): Promise<void> {
    const path = join(folder, "src", file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }

  async function check(): Promise<Violation[]> {
    const program = join(process.cwd(), "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
    const config = join(process.cwd(), ".dependency-cruiser.cjs");
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [program, "--config", config, "--output-type", "json", "src"],
      { cwd: folder, maxBuffer: 100 * 1024 * 1024 },
    );
    return (JSON.parse(stdout) as { summary: { violations: Violation[] } }).summary.violations;
  }

  it.each(FORBIDDEN)("%s refuses an import in %s from %s", (rule, file) => {
    const broken = violations.filter(({ from }) => from === `src/${file}`).map((each) => each.rule.name);
    expect(broken).toContain(rule);
  });

  it("each have a forbidden import in this test", async () => {
    const config = await readFile(".dependency-cruiser.cjs", "utf8");
    const rules = [...config.matchAll(/\b(?:never|only)\(\s*"([\w-]+)"/g)].map(([, name]) => name);
    expect(rules.sort()).toEqual([...new Set(FORBIDDEN.map(([rule]) => rule))].sort());
  });

  it("hold in the source, imports of types included", () => {
    const broken = violations.filter((each) => !inProbes(each));
    expect(broken.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
  });
});

/** A type import: the rules count those as well. */
function importOf(file: string, target: string): string {
  const up = "../".repeat(file.split("/").length - 1);
  return `export type * from "${target.includes(".") ? up + target : target}";\n`;
}
