import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import type { DataSource } from "typeorm";
import { ConfigError } from "../config.ts";
import type { Registry } from "../domain/core/registry.ts";
import type { Erasure } from "../data/erase.ts";
import { mapOf, ImportInputError } from "../data/import/columns.ts";
import type { ImportReport } from "../data/import/contacts.ts";
import { withBar } from "./progress.ts";

interface Database {
  db: DataSource;
  registry: Registry;
  ownerUrl: string;
}
type WithDatabase = (use: (database: Database) => Promise<void>) => Promise<void>;

/** Exit codes of an import. */
const EXIT = { ok: 0, someRowsFailed: 1, invalidInput: 2 };

const say = (text: string) => process.stdout.write(`${text}\n`);
const counted = (count: number, one: string, more = `${one}s`) =>
  `${count.toLocaleString("en-US")} ${count === 1 ? one : more}`;

/** The commands that import, export and erase customers. */
export function dataCommands(program: Command, withDatabase: WithDatabase): void {
  importCommand(program, withDatabase);
  exportCommands(program, withDatabase);
  eraseCommand(program, withDatabase);
}

function importCommand(program: Command, withDatabase: WithDatabase): void {
  program
    .command("import")
    .description(
      "import contacts from a CSV file; rows imported before are skipped (exit 1: some rows failed, 2: invalid file or option)",
    )
    .argument("<file>", "CSV with a header: name, phone, email, street, city …")
    .option(
      "--map <field=column...>",
      'the column for a field, if its header does not say so: name="Full name"',
      [],
    )
    .option("--dry-run", "report what would happen and change nothing")
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? EXIT.ok : EXIT.invalidInput))
    .action(async (file: string, { map, dryRun = false }: { map: string[]; dryRun?: boolean }) => {
      try {
        const options = { file, map: mapOf(map), dryRun };
        await withDatabase(async ({ db, registry }) => {
          const { importContacts } = await import("../data/import/contacts.ts");
          const report = await withBar("bytes", (progress) =>
            importContacts(db, registry, { ...options, progress }),
          );
          printImport(report, dryRun);
        });
      } catch (error) {
        if (!(error instanceof ImportInputError)) throw error;
        process.stderr.write(`countersign: ${error.message}\n`);
        process.exitCode = EXIT.invalidInput;
      }
    });
}

function printImport(
  { columns, created, known, failed, examples, file }: ImportReport,
  dryRun: boolean,
): void {
  const imported = columns.flatMap(({ header, field }) => (field ? [`${header} → ${field}`] : []));
  const skipped = columns.flatMap(({ header, field }) => (field ? [] : [header]));
  say(`Columns: ${imported.join(", ")}${skipped.length > 0 ? `; not imported: ${skipped.join(", ")}` : ""}`);
  say(
    `${counted(created, "contact")} ${dryRun ? "would be created" : "created"}` +
      `${known > 0 ? `, ${counted(known, "row")} imported before` : ""}, ${counted(failed, "row")} failed.`,
  );
  for (const { row, reason } of examples) say(`  row ${row}: ${reason}`);
  if (file) say(`All failed rows, with reasons, are in ${file}. Correct them there and import that file.`);
  process.exitCode = failed > 0 ? EXIT.someRowsFailed : EXIT.ok;
}

function exportCommands(program: Command, withDatabase: WithDatabase): void {
  const group = program.command("export").description("write customers to a file");
  group
    .command("contacts")
    .description("write every contact that is not archived as CSV, which `countersign import` reads")
    .requiredOption("--out <file>", "path of the file")
    .option(
      "--raw",
      "for programs: leave out the apostrophe before cells that a spreadsheet would run as a formula (=, +, -, @)",
    )
    .action(({ out, raw = false }: { out: string; raw?: boolean }) =>
      withDatabase(async ({ db }) => {
        const { exportContacts } = await import("../data/export/contacts.ts");
        const count = await written(
          out,
          withBar("contacts", (progress) => exportContacts(db, out, { raw, progress })),
        );
        say(`${counted(count, "contact")} in ${out}.`);
      }),
    );
  group
    .command("contact")
    .description("write everything about one customer as JSON: records, requests, changes")
    .argument("<id>", "contact_…")
    .requiredOption("--out <file>", "path of the file")
    .action((id: string, { out }: { out: string }) =>
      withDatabase(async ({ db }) => {
        const { contactFile } = await import("../data/export/contact-file.ts");
        const file = await contactFile(db, id);
        await written(out, writeFile(out, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 }));
        say(`Everything about ${id} is in ${out}.`);
      }),
    );
}

/** Reports a file that cannot be written as the caller's error, not as a bug. */
async function written<T>(out: string, writing: Promise<T>): Promise<T> {
  try {
    return await writing;
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException; // Other errors have neither.
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
      "erase the personal data of one customer irreversibly, except finalized invoices. Without --yes: only a preview",
    )
    .argument("<id>", "contact_…")
    .option("--yes", "erase; this cannot be undone")
    .action((id: string, { yes = false }: { yes?: boolean }) =>
      withDatabase(async ({ db, ownerUrl }) => {
        const { eraseContact, previewErasure } = await import("../data/erase.ts");
        if (!yes) return printErasure(id, await previewErasure(db, id));
        const jobId = await eraseContact(ownerUrl, id);
        say(`${id} is erased; the audit records it as ${jobId}. Backups and exports still contain the data.`);
      }),
    );
}

function printErasure(id: string, { name, records, jobs }: Erasure): void {
  say(`${name} (${id}): these would lose names, numbers, addresses, notes and texts irreversibly:`);
  for (const { table, count } of records)
    say(`  ${counted(count, table.replaceAll("_", " "), `${table.replaceAll("_", " ")} records`)}`);
  say(`  ${counted(jobs, "request")} with input, result, preview and recorded changes`);
  say(
    "Not erased: dates, states and amounts; finalized invoices with name and address. The erased jobs can no longer be undone.",
  );
  say(`To erase, run: countersign erase ${id} --yes`);
}
