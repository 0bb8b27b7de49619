import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";

const SLOWEST = 10;

/** Prints the slowest files, and one line with the skipped tests and how to run them. */
export default class Reporter {
  #config;

  constructor(config) {
    this.#config = config;
  }

  async onRunComplete(_contexts, { testResults }) {
    const lines = slowest(testResults, this.#config.rootDir);
    const left = leftOut(await noted(), wholeShortRun(this.#config));
    for (const line of [...lines, ...left]) process.stderr.write(`${line}\n`);
  }
}

/** Lines for the slowest files; none for a run of few files. */
function slowest(testResults, rootDir) {
  if (testResults.length <= SLOWEST) return [];
  const files = testResults
    .map(({ testFilePath, displayName, perfStats }) => ({
      name: [relative(rootDir, testFilePath), displayName?.name].filter(Boolean).join(" "),
      seconds: perfStats.runtime / 1_000,
    }))
    .sort((one, other) => other.seconds - one.seconds)
    .slice(0, SLOWEST);
  return [
    "The slowest files:",
    ...files.map(({ name, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${name}`),
  ];
}

const wholeShortRun = ({ testPathPatterns, findRelatedTests, onlyChanged, testNamePattern }) =>
  process.env.TEST_FORM !== "long" &&
  !findRelatedTests &&
  !onlyChanged &&
  !testNamePattern &&
  testPathPatterns.patterns.length === 0;

/** At most one line; each note is "reason, tab, what" (form.ts). */
export function leftOut(notes, short) {
  const reasons = new Map(notes.map((note) => [note.split("\t")[0], 0]));
  for (const note of new Set(notes)) {
    const [reason] = note.split("\t");
    reasons.set(reason, reasons.get(reason) + 1);
  }
  const parts = [...reasons].map(([reason, groups]) => `${groups} groups of tests (${reason})`);
  if (short)
    parts.push(
      "faults, browsers, outside clients, examples, commands, slow attacks, Redis where the queue decides nothing, long rounds (npm run test:all)",
    );
  return parts.length === 0 ? [] : [`Left out: ${parts.join("; ")}.`];
}

async function noted() {
  const file = join(process.env.TEST_FOLDER ?? "", "left-out");
  return (await readFile(file, "utf8").catch(() => "")).split("\n").filter(Boolean);
}
