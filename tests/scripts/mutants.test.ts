import { fileURLToPath } from "node:url";
import { stagesOf } from "../../scripts/mutants/copy.ts";
import { applied, mutantsOf } from "../../scripts/mutants/mutate.ts";
import { sampled } from "../../scripts/mutants/sample.ts";

/** What becomes of a source, mutant by mutant. */
const mutated = (source: string): string[] =>
  mutantsOf("src/a.ts", source).map((mutant) => applied(source, mutant));

describe("the mutants of a source", () => {
  it.each([
    ["flip a comparison", "const x = a < b", ["const x = a <= b"]],
    ["swap and and or", "const x = a && b", ["const x = a || b"]],
    ["drop a default", "const x = a ?? b", ["const x = a"]],
    ["negate a choice", "const x = a ? b : c", ["const x = !(a) ? b : c"]],
    ["negate or drop a guard", "if (a) b = c", ["if (!(a)) b = c", ";", "if (a) ;"]],
    ["only negate where there is an else", "if (a) {} else {}", ["if (!(a)) {} else {}"]],
    ["drop a not", "const x = !a", ["const x = a"]],
    ["drop a call", "f(a);", [";"]],
    ["drop an awaited call", "await f(a);", [";"]],
    ["drop a throw", "throw e;", [";"]],
    ["drop a filter", "const x = a.filter(f)", ["const x = a"]],
    ["turn some into every", "const x = a.some(f)", ["const x = a.every(f)"]],
    ["add one to a number", "const x = 1", ["const x = (1 + 1)"]],
    ["empty a text, or fill it", 'const x = ["a", ""]', ['const x = ["", ""]', 'const x = ["a", "mutant"]']],
    ["turn true into false", "const x = true", ["const x = false"]],
  ])("%s", (_what, source, expected) => {
    expect(mutated(source)).toEqual(expected);
  });

  it("leave types, imports and names of properties alone", () => {
    expect(mutated('import a from "a"; type A = "a" | 1; const x: Record<"b", 2> = { "b": c };')).toEqual([]);
  });

  it("never replace the + between strings by -", () => {
    expect(mutated('const x = "a" + b')).toEqual(['const x = "" + b']);
  });
});

describe("a sample of them", () => {
  const items = Array.from({ length: 50 }, (_, index) => index);

  it("is the same for the same seed, in their order, and another for another seed", () => {
    const drawn = sampled(items, 10, 7);
    expect(drawn).toHaveLength(10);
    expect(drawn).toEqual([...new Set(drawn)].sort((one, other) => one - other));
    expect(sampled(items, 10, 7)).toEqual(drawn);
    expect(sampled(items, 10, 8)).not.toEqual(drawn);
  });

  it("is all of them when there are fewer", () => {
    expect(sampled(items, Infinity, 1)).toEqual(items);
  });
});

describe("the tests of a mutant", () => {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const kinds = (file: string, others?: string[]) =>
    stagesOf(file, root, others).map(({ kind, of }) => [kind, of]);

  it("are the file's own, then its folder's, then all that import it", () => {
    expect(kinds("src/domain/engine/judge.ts")).toEqual([
      ["own", "tests/domain/engine/judge.test."],
      ["folder", "tests/domain/engine/"],
      ["importing", "src/domain/engine/judge.ts"],
    ]);
    expect(kinds("src/domain/core/ids.ts").map(([kind]) => kind)).toEqual(["folder", "importing"]);
  });

  it("are the named ones instead of all that import it", () => {
    expect(kinds("src/domain/core/ids.ts", ["tests/crm/"])).toEqual([
      ["folder", "tests/domain/core/"],
      ["folder", "tests/crm/"],
    ]);
    expect(kinds("src/domain/core/ids.ts", [])).toEqual([["folder", "tests/domain/core/"]]);
  });
});
