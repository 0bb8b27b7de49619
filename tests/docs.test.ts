import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { filesIn } from "./support/files.ts";

const documents = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ...filesIn(["docs"], [".md"])];
const textOf = (file: string): string => readFileSync(file, "utf8");
const CODE_BLOCK = /^ *```[^]*?^ *```$/gm;
const prose = (file: string): string => textOf(file).replace(CODE_BLOCK, "");
const matches = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, match = ""]) => match);

/** The anchor that a Markdown page makes of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-");

const anchorsIn = (file: string): string[] => matches(prose(file), /^#+ (.+)$/gm).map(anchorOf);

const { scripts } = JSON.parse(textOf("package.json")) as { scripts: Record<string, string> };
const BUILT_IN = ["ci", "install"];
const commands = filesIn(["src/cli"], [".ts"]).flatMap((file) =>
  matches(textOf(file), /\.command\(\s*"([\w-]+)/g),
);

it("starts the product with the same heap limit everywhere", () => {
  const limits = ["package.json", "bin/countersign.js", "Dockerfile", "docs/operations.md"].map(
    (file) => /--max-old-space-size=\d+/.exec(textOf(file))?.[0],
  );
  expect(new Set(limits)).toEqual(new Set([/ node (--\S+) /.exec(scripts["start"] ?? "")?.[1]]));
});

describe("README.md", () => {
  it("has at most 150 lines", () => {
    expect(textOf("README.md").split("\n").length - 1).toBeLessThanOrEqual(150);
  });
});

describe.each(documents)("%s", (file) => {
  it("links to files and headings that exist", () => {
    const links = matches(prose(file), /\]\(([^)\s]+)\)/g).filter((link) => !/^[a-z]+:/.test(link));
    const broken = links.filter((link) => {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? file : join(dirname(file), path);
      return !existsSync(target) || (anchor !== undefined && !anchorsIn(target).includes(anchor));
    });
    expect(broken).toEqual([]);
  });

  it("names npm scripts that exist", () => {
    const named = [
      ...matches(textOf(file), /\bnpm run (?:-\S+ )*([\w:-]+)/g),
      ...matches(textOf(file), /\bnpm (test|start|ci|install)\b/g),
    ];
    expect(named.filter((name) => !(name in scripts) && !BUILT_IN.includes(name))).toEqual([]);
  });

  it("names commands of countersign that exist", () => {
    const named = matches(textOf(file), /(?:npx countersign|`countersign) ([a-z][\w-]*)/g);
    expect(named.filter((name) => !commands.includes(name))).toEqual([]);
  });

  it("names files and folders that exist", () => {
    const paths = matches(prose(file), /`((?:src|tests|docs|bench|examples)\/[\w./-]+)`/g);
    expect(paths.filter((path) => !existsSync(path) && !isInstruction(file, path))).toEqual([]);
  });
});

/** The guide for contributors tells the reader to create these. */
const isInstruction = (file: string, path: string): boolean =>
  file === "CONTRIBUTING.md" && path.includes("/contact/tag.");

describe(".env.example", () => {
  it("is described by docs/operations.md", () => {
    const variables = matches(textOf(".env.example"), /^([A-Z_]+)=/gm);
    const described = matches(textOf("docs/operations.md"), /`([A-Z_]+)`/g);
    const ofCompose = ["POSTGRES_PASSWORD", "REDIS_PASSWORD"];
    const missing = variables.filter((name) => !described.includes(name) && !ofCompose.includes(name));
    expect(missing).toEqual([]);
  });
});

describe("npm run generate -- --check", () => {
  const copy = mkdtempSync(join(tmpdir(), "countersign-docs-"));
  beforeAll(() => {
    for (const file of ["actions.md", "openapi.json"]) cpSync(join("docs", file), join(copy, "docs", file));
  });
  afterAll(() => rmSync(copy, { recursive: true }));

  it("names a stale file, exits 1 and writes nothing", () => {
    const stale = join(copy, "docs/actions.md");
    appendFileSync(stale, "stale\n");
    const before = readFileSync(stale, "utf8");
    const script = resolve("src/cli/generate.ts");
    const run = spawnSync(process.execPath, ["--import", import.meta.resolve("tsx"), script, "--check"], {
      cwd: copy,
      env: { ...process.env, TSX_TSCONFIG_PATH: resolve("tsconfig.json") },
      encoding: "utf8",
    });
    expect(run.stderr).toContain("docs/actions.md");
    expect(run.status).toBe(1);
    expect(readFileSync(stale, "utf8")).toBe(before);
  });
});
