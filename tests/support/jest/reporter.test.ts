import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tempFolder } from "../leftovers.ts";

interface Reporter {
  onRunComplete(contexts: null, results: { testResults: object[] }): Promise<void>;
}

const MODULE = fileURLToPath(new URL("reporter.js", import.meta.url));
const WHOLE_RUN = { rootDir: "/repository", testPathPatterns: { patterns: [] } };
const ONE_FILE = { ...WHOLE_RUN, testPathPatterns: { patterns: ["tests/one.test.ts"] } };

describe("at the end of a run, the reporter", () => {
  const { write } = process.stderr;
  const { TEST_FOLDER, TEST_FORM } = process.env;
  let folder: string;
  beforeEach(async () => {
    folder = await tempFolder("reporter");
    Object.assign(process.env, { TEST_FOLDER: folder, TEST_FORM: "" });
  });
  afterEach(async () => {
    Object.assign(process.env, { TEST_FOLDER, TEST_FORM: TEST_FORM ?? "" });
    await rm(folder, { recursive: true });
  });

  /** The lines that it prints after `count` files, of which the nth took n seconds. */
  async function printed(count: number, config: object): Promise<string[]> {
    // The module has no types; jest calls it in the same way.
    const { default: Reporter } = (await import(MODULE)) as { default: new (config: object) => Reporter };
    const testResults = Array.from({ length: count }, (_, index) => ({
      testFilePath: `/repository/tests/${index + 1}.test.ts`,
      perfStats: { runtime: (index + 1) * 1_000 },
    }));
    let output = "";
    process.stderr.write = (text) => Boolean((output += String(text)));
    try {
      await new Reporter(config).onRunComplete(null, { testResults });
    } finally {
      process.stderr.write = write;
    }
    return output.split("\n").filter(Boolean);
  }

  it("prints the ten slowest of more than ten files, the slowest first", async () => {
    const seconds = Array.from({ length: 10 }, (_, index) => 12 - index);
    const lines = seconds.map((each) => `${each.toFixed(1).padStart(7)} s  tests/${each}.test.ts`);
    expect(await printed(12, ONE_FILE)).toEqual(["The slowest files:", ...lines]);
  });

  it("prints nothing after ten files that leave nothing out", async () => {
    expect(await printed(10, ONE_FILE)).toEqual([]);
  });

  it("prints one line with the number of groups left out for each reason, counting a group once", async () => {
    const notes = ["no Redis\tqueue", "no Redis\tworkers", "no Redis\tqueue", "no Chromium\tpages"];
    await writeFile(join(folder, "left-out"), `${notes.join("\n")}\n`);
    expect(await printed(1, ONE_FILE)).toEqual([
      "Left out: 2 groups of tests (no Redis); 1 groups of tests (no Chromium).",
    ]);
  });

  it("says after a whole run in the short form how to run the rest", async () => {
    expect(await printed(1, WHOLE_RUN)).toEqual([expect.stringMatching(/^Left out: .*npm run test:all/)]);
    process.env["TEST_FORM"] = "long";
    expect(await printed(1, WHOLE_RUN)).toEqual([]);
  });
});
