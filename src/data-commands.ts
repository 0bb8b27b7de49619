import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import type { DataSource } from "typeorm";
import { ConfigError } from "./config.ts";
import type { Registry } from "./domain/core/registry.ts";
import type { Erasure } from "./erase.ts";
import { mapOf, UnusableCall } from "./import/columns.ts";
import type { ImportReport } from "./import/contacts.ts";
import { withBar } from "./progress.ts";

interface Database {
  db: DataSource;
  registry: Registry;
  ownerUrl: string;
}
type WithDatabase = (use: (database: Database) => Promise<void>) => Promise<void>;

/** What came of an import: all fine, some rows failed, nothing could be done. */
const EXIT = { fine: 0, someFailed: 1, unusable: 2 };

const say = (text: string) => process.stdout.write(`${text}\n`);
const many = (count: number, one: string, more = `${one}s`) =>
  `${count.toLocaleString("en-US")} ${count === 1 ? one : more}`;

/** The commands that carry customers in and out, and away. */
export function dataCommands(program: Command, withDatabase: WithDatabase): void {
  importCommand(program, withDatabase);
  exportCommands(program, withDatabase);
  eraseCommand(program, withDatabase);
}

function importCommand(program: Command, withDatabase: WithDatabase): void {
  program
    .command("import")
    .description(
      "read contacts from a CSV file; what was read before is not read again (exit 1: rows failed, 2: no use)",
    )
    .argument("<file>", "CSV with a header: name, phone, email, street, city …")
    .option(
      "--map <field=column...>",
      'which column is what, where the header does not say: name="Full name"',
      [],
    )
    .option("--dry-run", "only say what would happen")
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? EXIT.fine : EXIT.unusable))
    .action(async (file: string, { map, dryRun = false }: { map: string[]; dryRun?: boolean }) => {
      try {
        const options = { file, map: mapOf(map), dryRun };
        await withDatabase(async ({ db, registry }) => {
          const { importContacts } = await import("./import/contacts.ts");
          const report = await withBar("bytes", (told) => importContacts(db, registry, { ...options, told }));
          tellImport(report, dryRun);
        });
      } catch (error) {
        if (!(error instanceof UnusableCall)) throw error;
        process.stderr.write(`countersign: ${error.message}\n`);
        process.exitCode = EXIT.unusable;
      }
    });
}

function tellImport(
  { columns, created, known, failed, examples, file }: ImportReport,
  dryRun: boolean,
): void {
  const taken = columns.flatMap(({ header, field }) => (field ? [`${header} → ${field}`] : []));
  const left = columns.flatMap(({ header, field }) => (field ? [] : [header]));
  say(`Columns: ${taken.join(", ")}${left.length > 0 ? `; not taken over: ${left.join(", ")}` : ""}`);
  say(
    `${many(created, "contact")} ${dryRun ? "would be made" : "made"}` +
      `${known > 0 ? `, ${many(known, "row")} taken over before` : ""}, ${many(failed, "row")} failed.`,
  );
  for (const { row, reason } of examples) say(`  row ${row}: ${reason}`);
  if (file)
    say(`All that failed, with the reasons: ${file}, a new file. Correct them there and import that file.`);
  process.exitCode = failed > 0 ? EXIT.someFailed : EXIT.fine;
}

function exportCommands(program: Command, withDatabase: WithDatabase): void {
  const group = program.command("export").description("write customers to a file");
  group
    .command("contacts")
    .description("every live contact as CSV, which `countersign import` reads")
    .requiredOption("--out <file>", "where to")
    .option(
      "--safe-cells",
      "for spreadsheets: an apostrophe before what they would run as a formula (=, +, -, @)",
    )
    .action(({ out, safeCells = false }: { out: string; safeCells?: boolean }) =>
      withDatabase(async ({ db }) => {
        const { exportContacts } = await import("./export/contacts.ts");
        const count = await written(
          out,
          withBar("contacts", (told) => exportContacts(db, out, { safeCells, told })),
        );
        say(`${many(count, "contact")} in ${out}.`);
      }),
    );
  group
    .command("contact")
    .description("one customer's whole file as JSON: records, requests, changes")
    .argument("<id>", "contact_…")
    .requiredOption("--out <file>", "where to")
    .action((id: string, { out }: { out: string }) =>
      withDatabase(async ({ db }) => {
        const { contactFile } = await import("./export/contact-file.ts");
        const file = await contactFile(db, id);
        await written(out, writeFile(out, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 }));
        say(`Everything about ${id} is in ${out}.`);
      }),
    );
}

/** A file that cannot be written is the caller's to put right, and no bug. */
async function written<T>(out: string, writing: Promise<T>): Promise<T> {
  try {
    return await writing;
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException; // Whatever else it is has neither.
    if (code === undefined || syscall === undefined) throw error;
    throw new ConfigError(
      `--out: got "${out}", which cannot be written (${code}); wants a file in a folder that exists.`,
    );
  }
}

function eraseCommand(program: Command, withDatabase: WithDatabase): void {
  program
    .command("erase")
    .description(
      "empty what is kept of one customer, for good; finalized invoices stay. Without --yes: what would go",
    )
    .argument("<id>", "contact_…")
    .option("--yes", "do it; nothing brings it back")
    .action((id: string, { yes = false }: { yes?: boolean }) =>
      withDatabase(async ({ db, ownerUrl }) => {
        const { eraseContact, whatWouldGo } = await import("./erase.ts");
        if (!yes) return tellErasure(id, await whatWouldGo(db, id));
        const jobId = await eraseContact(ownerUrl, id);
        say(`${id} is erased; ${jobId} in the audit says so. Backups and exports still hold the data.`);
      }),
    );
}

function tellErasure(id: string, { name, records, jobs }: Erasure): void {
  say(`${name} (${id}): these would lose names, numbers, addresses, notes and texts, for good:`);
  for (const { table, count } of records)
    say(`  ${many(count, table.replaceAll("_", " "), `${table.replaceAll("_", " ")} records`)}`);
  say(`  ${many(jobs, "request")} with what was asked, answered, shown and recorded of them`);
  say(
    "What stays: dates, states and amounts; finalized invoices with name and address. Jobs about them can no longer be undone.",
  );
  say(`Do it with: countersign erase ${id} --yes`);
}
