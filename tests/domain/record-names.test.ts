import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** Words that name a record type wherever they occur. */
const RECORDS = new Set(
  (
    "contact contacts customer customers address addresses lead leads ticket tickets visit visits line_item " +
    "invoice invoices payment payments waitlist holiday holidays service services"
  ).split(" "),
);
/**
 * Records whose names have another meaning (an error has a message, a technician signs in): searched as tables
 * and actions only. Not searched: "user" and "settings", which the engine needs for principals and timeouts.
 */
const AMBIGUOUS = "technician|message|template|attribute|attribute_value|reminder|plan";
const AS_TABLE = new RegExp(`\\b(FROM|JOIN|INTO|UPDATE)\\s+"?(${AMBIGUOUS})\\b`, "i");
const AS_ACTION = new RegExp(`^(${AMBIGUOUS})\\.[a-z_]+$`);

/** Identifiers, names in strings and SQL of a file; comments and sentences may give examples. */
function namesIn(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const text =
      ts.isIdentifier(node) || ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node)
        ? node.text
        : "";
    if (namesRecord(text)) found.push(`${file}: ${text.trim().slice(0, 80)}`);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function namesRecord(text: string): boolean {
  const isProse = /\s/.test(text.trim()) && !/\b(SELECT|FROM|JOIN|WHERE|INTO|UPDATE)\b/.test(text);
  if (isProse) return false;
  const words = text.replaceAll(/([a-z])([A-Z])/g, "$1_$2").toLowerCase();
  const parts = words.match(/[a-z_]+/g)?.flatMap((word) => [word, ...word.split("_")]) ?? [];
  return parts.some((part) => RECORDS.has(part)) || AS_TABLE.test(text) || AS_ACTION.test(text);
}

describe.each(["engine", "query"])("src/domain/%s", (name) => {
  it("names no record type, so that a new one needs no change there", () => {
    const folder = join("src/domain", name);
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
    expect(
      files.filter((file) => file.endsWith(".ts")).flatMap((file) => namesIn(join(folder, file))),
    ).toEqual([]);
  });
});

describe("the search for record names", () => {
  it.each([
    "contactId",
    "ticket.customer_id",
    "SELECT id FROM message",
    "UPDATE message SET status = $1",
    "message.send",
    "LineItem",
    "line_item",
  ])("finds %s", (text) => {
    expect(namesRecord(text)).toBe(true);
  });

  it.each(["message", "error.message", "pleading", "Such as contacts."])("ignores %s", (text) => {
    expect(namesRecord(text)).toBe(false);
  });
});
