import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { domains } from "../../../src/domain/index.ts";
import { filesIn } from "../../support/files.ts";

const root = new URL("../../../src/domain/", import.meta.url);

/** Names that are also words of the engine itself, with what they mean there. */
const OWN_WORDS: Readonly<Record<string, string>> = {
  job: "the engine's own record; job.undo is its only action",
  message: "the text of an error, and the messages that a preview shows",
  plan: "how PostgreSQL would run a query, from which the number of rows is estimated",
  user: "an account: who decides and who is audited",
  settings: "the row that holds the zone, the currency and how long an authorization waits",
};

/** Source without comments and without texts that describe a parameter to a model: those may give examples. */
const codeOf = (text: string): string =>
  text
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/(^|\s)\/\/.*$/gm, "")
    .replace(/\.describe\(\s*(["`])[\s\S]*?\1/g, "");

const words = domains
  .flatMap(({ domain, noun, types }) => [
    domain,
    noun,
    ...types.flatMap(({ type, shape }) => [type, shape.table]),
  ])
  .filter((word) => !(word in OWN_WORDS) && !(word.replace(/s$/, "") in OWN_WORDS));
const named = new RegExp(`\\b(${[...new Set(words)].join("|")})(_id)?\\b`, "i");

describe.each(["engine", "query"])("the files of domain/%s", (folder) => {
  const files = readdirSync(new URL(`${folder}/`, root), { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts"),
  );

  it("exist", () => {
    expect(files.length).toBeGreaterThan(5);
  });

  it.each(files)("name no record type: %s", (file) => {
    const lines = codeOf(readFileSync(new URL(`${folder}/${file}`, root), "utf8")).split("\n");
    expect(lines.filter((line) => named.test(line))).toEqual([]);
  });
});

it("imports of domain/core lead to no other folder of the domain", () => {
  const imports = filesIn(["src/domain/core"], [".ts"]).flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/from "(\.[^"]*)"/g)].map(([, path = ""]) =>
      join(dirname(file), path),
    ),
  );
  expect(imports.length).toBeGreaterThan(50);
  const allowed = /^src\/(domain\/core\/|entities\/|database\/sql)/;
  expect(imports.filter((path) => !allowed.test(path))).toEqual([]);
});
