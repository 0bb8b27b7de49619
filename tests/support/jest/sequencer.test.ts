import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { tempFolder } from "../leftovers.ts";

interface File {
  path: string;
  context: object;
}
interface Sequencer {
  sort(files: File[]): File[];
  cacheResults(files: File[], results: { testResults: object[] }): void;
}

// The module has no types; jest's base class has these two methods.
const SlowFirst = createRequire(import.meta.url)("./sequencer.cjs") as new () => Sequencer;

/** Files of a repository with their sizes in bytes. */
const SIZES: Record<string, number> = {
  "domain/large.test.ts": 900,
  "domain/small.test.ts": 100,
  "faults/small.test.ts": 200,
  "faults/large.test.ts": 300,
  "clients/small.test.ts": 50,
};

describe("test files", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await tempFolder("sequencer");
  });
  afterEach(() => rm(folder, { recursive: true }));

  const filesOf = (names: string[]): File[] => {
    const config = { id: "test", cache: true, cacheDirectory: folder, haste: {} };
    const hasteFS = { getSize: (path: string) => SIZES[nameOf({ path })] };
    const context = { config, hasteFS };
    return names.map((name) => ({ path: join("/repository/tests", name), context }));
  };
  const nameOf = ({ path }: { path: string }) => path.replace("/repository/tests/", "");
  const sorted = (names: string[]) => new SlowFirst().sort(filesOf(names)).map(nameOf);

  /** Stores results as jest does after a run. */
  const store = (results: Record<string, { seconds: number; failed?: boolean }>) => {
    const files = filesOf(Object.keys(results));
    const testResults = Object.entries(results).map(([name, { seconds, failed }], index) => ({
      testFilePath: files[index]?.path,
      numFailingTests: failed ? 1 : 0,
      perfStats: { runtime: seconds * 1_000 },
      name,
    }));
    new SlowFirst().cacheResults(files, { testResults });
  };

  it("start with the slow folders, then the large files, when no times are stored, whatever order they are found in", () => {
    const expected = [
      "clients/small.test.ts",
      "faults/large.test.ts",
      "faults/small.test.ts",
      "domain/large.test.ts",
      "domain/small.test.ts",
    ];
    expect(sorted(Object.keys(SIZES))).toEqual(expected);
    expect(sorted(Object.keys(SIZES).reverse())).toEqual(expected);
    expect(sorted(Object.keys(SIZES).sort())).toEqual(expected);
  });

  it("start with the slowest when times are stored, whatever their folder and size", () => {
    store({
      "clients/small.test.ts": { seconds: 1 },
      "faults/large.test.ts": { seconds: 2 },
      "domain/small.test.ts": { seconds: 9 },
      "domain/large.test.ts": { seconds: 3 },
    });
    const expected = [
      "domain/small.test.ts",
      "domain/large.test.ts",
      "faults/large.test.ts",
      "clients/small.test.ts",
    ];
    expect(sorted([...expected])).toEqual(expected);
    expect(sorted([...expected].reverse())).toEqual(expected);
  });

  it("start with those that failed last time, then those without a time", () => {
    store({
      "faults/large.test.ts": { seconds: 9 },
      "domain/small.test.ts": { seconds: 1, failed: true },
    });
    expect(sorted(["faults/large.test.ts", "domain/large.test.ts", "domain/small.test.ts"])).toEqual([
      "domain/small.test.ts",
      "domain/large.test.ts",
      "faults/large.test.ts",
    ]);
  });
});
