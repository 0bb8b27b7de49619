/**
 * Mutation testing: makes one small change to a source file, runs its tests, and prints every change that no test
 * detects.
 *
 *   npm run mutants -- PATH [PATH…] [--sample N] [--seed S] [--at-once N] [--limit SECONDS] [--own]
 *                              [--tests PATH…] [--list]
 *
 * PATH is a file or a folder below src/. Works on copies of the tree in the temporary folder. For each mutant, runs the
 * file's own tests, then those of the mirrored folder, then all fast tests that import it, until one fails. All these tests
 * run once without a mutant at first. Exits with 1 if a mutant survived.
 */
import { readdirSync, statSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startEmbedded } from "../../src/database/embedded/index.ts";
import { type Copy, copyTree, type Stage, stagesOf } from "./copy.ts";
import { applied, type Mutant, mutantsOf } from "./mutate.ts";
import { sampled } from "./sample.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const say = (line: string) => void process.stdout.write(`${line}\n`);

const USAGE = `npm run mutants -- PATH [PATH…] [options]

  PATH              a file or a folder below src/
  --sample N        a random sample of N mutants
  --seed S          seed of the sample (default 1)
  --at-once N       how many to test in parallel (default 2)
  --limit SECONDS   time limit of one test run; a mutant that exceeds it counts as killed (default 300,
                    at least three times what the tests take without a mutant)
  --own             only the file's own tests and those of its folder: faster and stricter
  --tests PATH      these tests instead of all that import the file; may be repeated
  --list            only print the mutants`;

interface Options {
  paths: string[];
  sample: number;
  seed: number;
  atOnce: number;
  limitMs: number;
  /** Tests to run instead of all that import the file. */
  others?: string[];
  list: boolean;
}

function optionsOf(args: string[]): Options | undefined {
  const number = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...{ sample: number, seed: number, "at-once": number, limit: number },
      ...{
        own: { type: "boolean" },
        tests: { type: "string", multiple: true },
        list: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    },
  });
  if (values.help || positionals.length === 0) return undefined;
  return {
    paths: positionals,
    sample: Number(values.sample ?? Infinity),
    seed: Number(values.seed ?? 1),
    atOnce: Number(values["at-once"] ?? Math.min(2, availableParallelism())),
    limitMs: Number(values.limit ?? 300) * 1_000,
    ...(values.own ? { others: [] } : values.tests && { others: values.tests }),
    list: values.list ?? false,
  };
}

function sourcesIn(path: string): string[] {
  const absolute = resolve(path);
  const files = statSync(absolute).isDirectory()
    ? readdirSync(absolute, { recursive: true, encoding: "utf8" }).map((name) => join(absolute, name))
    : [absolute];
  const sources = files.filter((name) => /\.tsx?$/.test(name)).map((name) => relative(ROOT, name));
  const outside = sources.find((name) => !name.startsWith("src/"));
  if (outside) throw new Error(`${outside} is not below src/.`);
  return sources.sort();
}

async function allMutants(paths: string[]): Promise<Map<string, { source: string; mutants: Mutant[] }>> {
  const files = new Map<string, { source: string; mutants: Mutant[] }>();
  for (const file of new Set(paths.flatMap(sourcesIn))) {
    const source = await readFile(join(ROOT, file), "utf8");
    files.set(file, { source, mutants: mutantsOf(file, source) });
  }
  return files;
}

const oneLine = (text: string) => (text.length > 100 ? `${text.slice(0, 97)}…` : text).replace(/\s+/g, " ");
const described = ({ file, line, kind, original, replacement }: Mutant) =>
  `${file}:${line} ${kind}: ${oneLine(original)}  →  ${oneLine(replacement)}`;

async function run(options: Options): Promise<number> {
  const files = await allMutants(options.paths);
  const all = [...files.values()].flatMap(({ mutants }) => mutants);
  const chosen = sampled(all, options.sample, options.seed);
  say(
    `${files.size} files, ${all.length} mutants${chosen.length < all.length ? `, ${chosen.length} of them sampled` : ""}`,
  );
  if (options.list) {
    for (const mutant of chosen) say(described(mutant));
    return 0;
  }
  return withCopies(options.atOnce, (copies) => testAll(copies, { ...options, chosen, files }));
}

interface Work extends Options {
  chosen: Mutant[];
  files: Map<string, { source: string }>;
}

async function testAll(copies: Copy[], work: Work): Promise<number> {
  const { chosen } = work;
  const stages = await timedStages(copies[0], work);
  const survived: Mutant[] = [];
  const queue = [...chosen];
  let tested = 0;
  const testQueue = async (copy: Copy) => {
    for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
      const source = work.files.get(mutant.file)?.source ?? "";
      const verdict = await copy.test(mutant.file, applied(source, mutant), stages.get(mutant.file) ?? []);
      if (verdict === "survived") survived.push(mutant);
      say(`${++tested}/${chosen.length} ${verdict.padEnd(9)} ${described(mutant)}`);
    }
  };
  await Promise.all(copies.map(testQueue));
  say(`\nSurvived:${survived.length === 0 ? " none" : ""}`);
  for (const mutant of survived) say(described(mutant));
  const killed = chosen.length - survived.length;
  say(
    `\n${killed} of ${chosen.length} killed (${((100 * killed) / Math.max(1, chosen.length)).toFixed(0)} %)`,
  );
  return survived.length === 0 ? 0 : 1;
}

/** What to run for each file. Runs every test once without a mutant: they must pass, and their time sets the limit. */
async function timedStages(copy: Copy | undefined, { chosen, others, limitMs }: Work) {
  const touched = [...new Set(chosen.map(({ file }) => file))];
  const stages = new Map(touched.map((file) => [file, stagesOf(file, ROOT, others)]));
  const all = [...stages.values()].flat();
  const limits = new Map<Stage["kind"], number>();
  for (const kind of ["own", "folder", "importing"] as const) {
    const takes = await copy?.timeOf(
      all.filter((stage) => stage.kind === kind),
      limitMs * 10,
    );
    if (takes === undefined) throw new Error(`The tests (${kind}) fail or take too long without any mutant.`);
    limits.set(kind, Math.max(limitMs, 3 * takes));
    say(`${kind}: ${(takes / 1_000).toFixed(0)} s without a mutant`);
  }
  const limited = (stage: Stage) => ({ ...stage, limitMs: limits.get(stage.kind) ?? limitMs });
  return new Map([...stages].map(([file, its]) => [file, its.map(limited)]));
}

/** Copies that share one PostgreSQL. All are removed at the end and on Ctrl-C. */
async function withCopies(count: number, use: (copies: Copy[]) => Promise<number>): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "countersign-mutants-"));
  await chmod(folder, 0o755); // Started by root, PostgreSQL runs as another user, who needs access.
  const postgres = await startEmbedded({
    dataDir: join(folder, "database"),
    settings: { fsync: "off", full_page_writes: "off", synchronous_commit: "off", max_connections: "300" },
  });
  const copies: Copy[] = [];
  const clear = async () => {
    for (const copy of copies) copy.stop();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void clear().finally(() => process.exit(130)));
  }
  try {
    const env = { ...process.env, TEST_DATABASE_URL: postgres.url };
    for (let nth = 0; nth < count; nth++) {
      const own = join(folder, `copy-${nth}`);
      await mkdir(own);
      copies.push(await copyTree(ROOT, own, env));
    }
    return await use(copies);
  } finally {
    await clear();
  }
}

const options = optionsOf(process.argv.slice(2));
if (options) process.exitCode = await run(options);
else say(USAGE);
