import { readFileSync } from "node:fs";
import { basename, extname } from "node:path";
import ts from "typescript";
import { filesIn } from "./support/files.ts";

/** Names that were replaced by the field's standard terms. Each list is checked where the word cannot mean something else. */

/** No ordinary word: found anywhere, also in comments and documents. */
const NOWHERE =
  `Setback Unfit Ears WaysOut waysOut SendLetter takeUp lookAt whatMoved takeBack inOurWords runNow runWithin makeBell
  poisonous mustExist makeStates makeWatch wholeArms phoneArms preferredArms looserArms armsOf meaningsOf inspectQueue
  inspectRedis inspectPostgres executeOwn aHouse aLife describeOutside makeTalk CrewMember`.split(/\s+/);

/** Ordinary words: found as identifiers of the code. */
const NO_IDENTIFIER =
  `Arm Letter Patience Trial Exceeded Sight Looked House Meaning Repeating Inspection Knock Knocked
  Talk Bell ring hear bury essence plainly trial house bell patience sight knock`.split(/\s+/);

/** Ordinary words that named types of the search. */
const NO_IDENTIFIER_OF_THE_SEARCH = ["Reach", "Narrow", "Best"];

/** Words with another meaning inside a function: found as exported names. */
const NO_EXPORT = "many within repeating plain visible everything talk crew asked watch".split(" ");

const NO_FILE = {
  src: `arms meanings bell within repeating run-now inspection ways-out letter replay question outcome ports many text
    update-input refer visible wording asked watch oversight outbox parts letters talk phrases bounds crew`,
  "tests/support": "errands knock life outside everything",
  bench: "peers search-rivals rivals stage peer-worker",
};

const sources = filesIn(["src", "bench", "examples", "tests/support"], [".ts", ".tsx"]);
const documents = [...filesIn(["docs"], [".md"]), "README.md", "CONTRIBUTING.md"];

describe("the replaced names", () => {
  it.each(Object.entries(NO_FILE))("are no names of files in %s", (folder, words) => {
    const names = new Set(words.trim().split(/\s+/));
    const found = filesIn([folder], [".ts", ".tsx"]).filter((file) =>
      names.has(basename(file, extname(file))),
    );
    // The console has a component for text.
    expect(found.filter((file) => file !== "src/api/console/ui/text.tsx")).toEqual([]);
  });

  it("are in no text of the sources and documents", () => {
    const word = new RegExp(String.raw`\b(${NOWHERE.join("|")})\b`, "g");
    const found = [...sources, ...documents].flatMap((file) => {
      const words = [...readFileSync(file, "utf8").matchAll(word)].map(([match]) => match);
      return [...new Set(words)].map((match) => `${file}: ${match}`);
    });
    expect(found).toEqual([]);
  });

  it("are no identifiers of the sources", () => {
    const banned = new Set(NO_IDENTIFIER);
    expect(namesIn(sources, ({ text }) => banned.has(text))).toEqual([]);
  });

  it("are no identifiers of the search", () => {
    const banned = new Set(NO_IDENTIFIER_OF_THE_SEARCH);
    const search = filesIn(["src/domain/contact/search", "src/domain/core", "src/domain/query"], [".ts"]);
    expect(namesIn(search, ({ text }) => banned.has(text))).toEqual([]);
  });

  it("are no exported names of the sources", () => {
    const banned = new Set(NO_EXPORT);
    expect(namesIn(sources, (name) => banned.has(name.text) && isExported(name))).toEqual([]);
  });
});

/** `file: name` of each identifier that fits, once for each file. */
function namesIn(files: readonly string[], fits: (name: ts.Identifier) => boolean): string[] {
  const found = new Set<string>();
  for (const file of files) {
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node) && fits(node)) found.add(`${file}: ${node.text}`);
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true));
  }
  return [...found];
}

/** Whether this is the name of a function, type or constant that its file exports. */
function isExported(name: ts.Identifier): boolean {
  const { parent } = name;
  if (!("name" in parent) || parent.name !== name) return false;
  const statement = ts.isVariableDeclaration(parent) ? parent.parent.parent : parent;
  return (
    ts.canHaveModifiers(statement) &&
    (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  );
}
