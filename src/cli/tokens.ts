import { type Command, InvalidArgumentError } from "commander";
import type { DataSource } from "typeorm";
import { durationWants, millisecondsOf } from "../config.ts";
import type { TokenView } from "../identity/tokens.ts";

type WithDatabase = (use: (database: { db: DataSource }) => Promise<void>) => Promise<void>;

const say = (text: string) => process.stdout.write(`${text}\n`);

/** The commands that create, list and revoke agent tokens. */
export function tokenCommands(program: Command, withDatabase: WithDatabase): void {
  const token = program.command("token").description("agent tokens");
  token
    .command("create")
    .description("create an agent token; it is printed once")
    .requiredOption("--name <name>", "the name that people see for this agent; no other token may have it")
    .option(
      "--expires <time>",
      "how long it works, such as 90d; without it the token does not expire",
      lifeOf,
    )
    .action(({ name, expires }: { name: string; expires?: number }) =>
      withDatabase(async ({ db }) => {
        const { createAgentToken } = await import("../identity/tokens.ts");
        say((await createAgentToken(db, name, { lifeMs: expires })).token);
      }),
    );
  token
    .command("list")
    .description("list all agent tokens, with last use and expiry; never the tokens themselves")
    .action(() =>
      withDatabase(async ({ db }) => {
        const { listTokens } = await import("../identity/tokens.ts");
        const tokens = await listTokens(db);
        process.stdout.write(tokens.length > 0 ? tableOf(tokens) : "There are no tokens.\n");
      }),
    );
  token
    .command("revoke")
    .description("revoke an agent token for good; every process refuses it at once")
    .argument("<name>", "its name")
    .action((name: string) =>
      withDatabase(async ({ db }) => {
        const { revokeTokenNamed } = await import("../identity/tokens.ts");
        const { name: label, revoked_at } = await revokeTokenNamed(db, name);
        say(`The token ${JSON.stringify(label)} is revoked since ${revoked_at}.`);
      }),
    );
}

function lifeOf(written: string): number {
  const ms = millisecondsOf(written);
  if (ms === null) throw new InvalidArgumentError(`wants ${durationWants}.`);
  return ms;
}

/** One line for each token, in aligned columns. */
function tableOf(tokens: readonly TokenView[]): string {
  const lines = [
    ["NAME", "STATUS", "LAST USED", "EXPIRES", "CREATED"],
    ...tokens.map(({ name, status, last_used_at, expires_at, created_at }) => [
      name,
      status,
      last_used_at ?? "never",
      expires_at ?? "never",
      created_at,
    ]),
  ];
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => [...(line[column] ?? "")].length)),
  );
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}
