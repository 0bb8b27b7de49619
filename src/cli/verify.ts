import { type Command, InvalidArgumentError } from "commander";
import type { DataSource } from "typeorm";
import type { Verification } from "../data/evidence/verify.ts";
import { withBar } from "./progress.ts";

type WithDatabase = (use: (database: { db: DataSource }) => Promise<void>) => Promise<void>;

/** Problems that are printed; more are counted. */
const MOST_PROBLEMS = 100;

export function verifyCommand(program: Command, withDatabase: WithDatabase): void {
  program
    .command("verify")
    .description(
      "find changes, decisions and security events that were altered, cut or added (exit 1), and print the head of the chain",
    )
    .option(
      "--head <hash...>",
      "heads that you kept: what was sealed until then must be unchanged",
      (value: string, heads: string[]) => [...heads, headOf(value)],
      [],
    )
    .action(({ head: heads }: { head: string[] }) =>
      withDatabase(async ({ db }) => {
        const { verifyEvidence } = await import("../data/evidence/verify.ts");
        const found = await withBar("rows", (progress) => verifyEvidence(db, { heads, progress }));
        process.stdout.write(`${reportOf(found)}\n`);
        process.exitCode = found.problems.length > 0 ? 1 : 0;
      }),
    );
}

function headOf(value: string): string {
  const hash = value.trim().toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hash)) return hash;
  throw new InvalidArgumentError("wants the 64 digits that an earlier `countersign verify` printed as head.");
}

const counted = (count: number, one: string, more = `${one}s`) =>
  `${count.toLocaleString("en-US")} ${count === 1 ? one : more}`;
const second = (at: Date) => `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`;

/** The result in plain words, one line for each fact. */
export function reportOf(found: Verification): string {
  const { problems, head, sealed, waiting, expired, erasures, confirmed } = found;
  return [
    ...problems.slice(0, MOST_PROBLEMS),
    ...(problems.length > MOST_PROBLEMS ? [`… and ${problems.length - MOST_PROBLEMS} more.`] : []),
    ...erasures.map(
      ({ job_id, at, rows }) =>
        `${counted(rows, "row")} lost personal data at ${second(at)}, erased by ${job_id}.`,
    ),
    ...(expired > 0
      ? [
          `${counted(expired, "security event")} of strangers ${expired === 1 ? "was" : "were"} removed after 90 days.`,
        ]
      : []),
    ...confirmed.map(
      ({ hash, sealed_at }) =>
        `Head ${hash} is in the chain: nothing was rewritten before ${second(sealed_at)}.`,
    ),
    `${counted(sealed, "sealed row")} checked, ${waiting.toLocaleString("en-US")} not sealed yet.`,
    problems.length === 0
      ? "Nothing that is sealed was changed, cut or added."
      : `${counted(problems.length, "problem")} found.`,
    head
      ? `Head of ${second(head.sealed_at)}: ${head.hash}`
      : "Nothing is sealed yet: a worker seals once a minute.",
  ].join("\n");
}
