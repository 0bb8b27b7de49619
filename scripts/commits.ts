/**
 * Checks the form of commit messages: `type(scope): what it does`, and a body that says why.
 *
 *   npm run commits:check -- BASE..HEAD     every commit of a range except merges
 *   npm run commits:check -- FILE           the message in a file, for a commit-msg hook
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const TYPES = ["feat", "fix", "perf", "refactor", "test", "docs", "chore"];
const LONGEST = 72;
const HEADER = new RegExp(`^(?:${TYPES.join("|")})(?:\\([a-z0-9][a-z0-9,./-]*\\))?!?: (?<subject>.+)$`);
/** Verb forms that are not imperative. */
const NOT_IMPERATIVE =
  /^(?:added|adds|adding|fixed|fixes|fixing|changed|changes|removed|removes|updated|updates|made|makes)\b/;

/** The faults of a message; empty if it has the right form. */
export function faultsOf(message: string): string[] {
  const lines = message.split("\n").filter((line) => !line.startsWith("#"));
  const [header = "", second = ""] = lines;
  if (/^(?:fixup|squash)! /.test(header)) return ["is to be squashed before it is pushed"];
  const subject = HEADER.exec(header)?.groups?.["subject"];
  const faults: string[] = [];
  if (subject === undefined) faults.push(`wants "type(scope): subject"; type is one of ${TYPES.join(", ")}`);
  else {
    if (/^[A-Z][a-z]/.test(subject)) faults.push("wants a subject in lower case");
    if (NOT_IMPERATIVE.test(subject)) faults.push('wants an imperative: "add", not "added" or "adds"');
    if (subject.endsWith(".")) faults.push("wants no full stop at the end of the subject");
  }
  if (header.length > LONGEST)
    faults.push(`wants at most ${LONGEST} characters in the first line, has ${header.length}`);
  if (second !== "") faults.push("wants an empty line between subject and body");
  return faults;
}

interface Commit {
  name: string;
  message: string;
}

function commitsOf(argument: string): Commit[] {
  if (existsSync(argument)) return [{ name: argument, message: readFileSync(argument, "utf8") }];
  const log = execFileSync("git", ["log", "--no-merges", "--format=%h%x00%B%x01", argument]).toString();
  return log
    .split("\u0001")
    .map((entry) => entry.trim().split("\0"))
    .flatMap(([name, message]) => (name && message !== undefined ? [{ name, message }] : []));
}

function main([argument]: string[]): number {
  if (!argument || argument.startsWith("-")) {
    process.stdout.write("npm run commits:check -- BASE..HEAD | FILE\n");
    return argument ? 0 : 2;
  }
  const commits = commitsOf(argument);
  const wrong = commits.flatMap(({ name, message }) =>
    faultsOf(message).map((fault) => `${name} "${message.split("\n")[0]}" ${fault}\n`),
  );
  process.stderr.write(wrong.join(""));
  process.stdout.write(`${commits.length} commit messages checked\n`);
  return wrong.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.slice(2));
