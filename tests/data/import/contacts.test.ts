import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { makeRegistry } from "../../../src/domain/core/registry.ts";
import { domains } from "../../../src/domain/index.ts";
import { rows } from "../../../src/database/sql.ts";
import { exportContacts } from "../../../src/data/export/contacts.ts";
import { mapOf } from "../../../src/data/import/columns.ts";
import { rowsOf } from "../../../src/data/import/read.ts";
import { importContacts, type ImportOptions } from "../../../src/data/import/contacts.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { anAttribute } from "../../support/definitions.ts";
import { theSettings } from "../../support/factories.ts";

const registry = makeRegistry(domains);
const HEADER = "Full Name,Mobile Phone,E-Mail,Street Address,City,ZIP,Notes";

describe("import of contacts", () => {
  let test: TestDatabase;
  let folder: string;
  beforeAll(async () => void (test = await testDatabase()));
  afterAll(() => test.drop());
  beforeEach(async () => {
    await test.clear();
    await theSettings(test.db);
    folder = await mkdtemp(join(tmpdir(), "countersign-import-"));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  const write = async (content: string | Buffer, name = "contacts.csv") => {
    const file = join(folder, name);
    await writeFile(file, content);
    return file;
  };
  const load = (file: string, options: ImportOptions = {}) =>
    importContacts(test.db, registry, { file, ...options });
  const loaded = async (content: string | Buffer, options: ImportOptions = {}) =>
    load(await write(content), options);
  const contacts = () =>
    rows<{
      name: string;
      phones: unknown;
      emails: string[];
      notes: string | null;
      lines: string[] | null;
      city: string | null;
    }>(
      test.db.manager,
      `SELECT name, phones, emails, notes, lines, city FROM contact LEFT JOIN address ON contact_id = contact.id ORDER BY name`,
    );
  const names = async () => (await contacts()).map(({ name }) => name);

  it("reports a row with more phone numbers than a request may have, and goes on", async () => {
    const phones = Array.from({ length: 101 }, (_, nth) => `608555${String(1000 + nth)}`).join("; ");
    expect(await loaded(`Name,Phone\nMaria,"${phones}"\nTom,6085550123\n`)).toMatchObject({
      ...{ created: 1, failed: 1 },
      examples: [{ row: 2, reason: expect.stringContaining("101 phone numbers") }],
    });
  });

  it("reports rows that lack a required attribute", async () => {
    await anAttribute(test.db, { key: "windows", required: true });
    expect(await loaded("Name\nMaria\n")).toMatchObject({
      created: 0,
      examples: [{ row: 2, reason: "attributes.windows: is required (number)" }],
    });
  });

  it("guesses the columns of names, phone numbers and one address from the headers", async () => {
    const report = await loaded(
      `${HEADER}\nMaria Garcia,(608) 555-0142,Maria@Example.com,15 Birch Lane,Madison,53713,"Two dogs, ""Rex"" bites"\nAnn Bo,,,,,,\n`,
    );
    expect(report).toMatchObject({ created: 2, known: 0, failed: 0, file: null });
    expect(await contacts()).toEqual([
      { name: "Ann Bo", phones: [], emails: [], notes: null, lines: null, city: null },
      {
        name: "Maria Garcia",
        phones: [{ number: "+16085550142", label: "mobile" }],
        emails: ["maria@example.com"],
        notes: 'Two dogs, "Rex" bites',
        lines: ["15 Birch Lane"],
        city: "Madison",
      },
    ]);
  });

  it.each([
    ["a BOM and CRLF", "\uFEFFName,Email\r\nMaria,m@example.com\r\n"],
    ["semicolons", "Name;Email\nMaria;m@example.com\n"],
    ["tabs", "Name\tEmail\nMaria\tm@example.com\n"],
    ["empty rows, and none at the end", "Name,Email\n\n,\nMaria,m@example.com"],
    ["first and last name, and a column more", "First Name,Surname,Shoe size,Mail\nMaria,,39,\n"],
  ])("reads a file with %s", async (_, content) => {
    expect(await loaded(content)).toMatchObject({ created: 1, failed: 0 });
    expect(await names()).toEqual(["Maria"]);
  });

  it("prefers the caller's column mapping to the headers", async () => {
    await loaded("Who,Name\nMaria,mobile cat\n", { map: mapOf(["name=Who", "notes=Name"]) });
    expect(await contacts()).toMatchObject([{ name: "Maria", notes: "mobile cat" }]);
  });

  it.each([
    ["no name", "Shoe,Hat\n1,2\n", {}, /No column contains the name.*Shoe, Hat/],
    ["no content", "", {}, /is empty/],
    ["an unknown column", "Name\nM\n", { map: { name: "Who" } }, /no column "Who".*Name/],
    ["an unknown field", "Name\nM\n", { map: { shoe: "Name" } }, /"shoe" is not a field.*first_name/],
    ["an unclosed quote", `Name\n"${"long ".repeat(50_000)}`, {}, /cannot be read from row 2 on/],
  ])("refuses a file or option with %s", async (_, content, options, words) => {
    await expect(loaded(content, options)).rejects.toThrow(words);
    expect(await names()).toEqual([]);
  });

  it("reports row and reason of each failed row and imports the others", async () => {
    const bad = Buffer.concat([
      Buffer.from(
        `${HEADER}\nMaria,12,,,,,\n,(608) 555-0101,,,,,\nBob,,nonsense,,,,\nZoe,,,,Madison,,\nTwo,,,,,,,,9\n`,
      ),
      Buffer.from([0x4a, 0xf6, 0x72, 0x67]), // Jörg in Latin-1.
      Buffer.from(`,,,,,,\n\nGood,,,,,,\n`),
    ]);
    const report = await loaded(bad);
    expect(report).toMatchObject({ created: 1, failed: 6, file: join(folder, "contacts.failed.csv") });
    const failed = parse(await readFile(String(report.file)), {
      columns: true,
      relax_column_count_more: true,
    }) as Record<string, string>[];
    expect(failed.map(({ row, reason }) => `${row}: ${reason}`)).toEqual([
      expect.stringMatching(/^2: phones\.0\.number: is not a phone number/),
      "3: name: is empty",
      expect.stringMatching(/^4: emails\.0: must be an address/),
      "5: street: is empty, although there is a city or a postal code",
      "6: has 9 cells, the header has 7; is a quote missing?",
      expect.stringMatching(/^7: is not UTF-8/),
    ]);
    expect(await names()).toEqual(["Good"]);
    const [left] = await rows(test.db.manager, "SELECT count(*) AS jobs FROM job WHERE status = 'failed'");
    expect(left).toEqual({ jobs: 0 });
  });

  it("imports the corrected rows of a report, and only those", async () => {
    const { file } = await loaded("Name,Phone\nMaria,12\nBob,\n");
    await writeFile(String(file), (await readFile(String(file), "utf8")).replace(",12", ",(608) 555-0142"));
    expect(await load(String(file))).toMatchObject({ created: 1, failed: 0 });
    expect(await names()).toEqual(["Bob", "Maria"]);
  });

  it("never overwrites an earlier report, which may contain corrections", async () => {
    const file = await write("Name,Phone\nMaria,12\n");
    const first = String((await load(file)).file);
    await writeFile(first, "Name,Phone\nMaria,(608) 555-0142\n");
    expect((await load(file)).file).toBe(join(folder, "contacts.failed-2.csv"));
    expect((await load(file, { dryRun: true })).file).toBe(join(folder, "contacts.failed-3.csv"));
    expect(await load(first)).toMatchObject({ created: 1, file: null });
  });

  it("reports duplicates within the file by row number, the same in a dry run", async () => {
    const others = Array.from({ length: 30 }, (_, at) => `Customer ${at},`).join("\n");
    const again = "Maria,(608) 555-0142\nMary,608-555-0142\n";
    const file = await write(`Name,Phone\nMaria,(608) 555-0142\nMia,6085550142\n${others}\n${again}`);
    for (const dryRun of [true, false])
      expect(await load(file, { dryRun })).toMatchObject({
        created: 31,
        known: 1,
        examples: [
          { row: 3, reason: expect.stringMatching(/may already exist: row 2 \(same phone\)/) },
          { row: 35, reason: expect.stringMatching(/row 2\b.*same|same.*row 2\b/) },
        ],
      });
  });

  it("changes nothing in a dry run and reports what it would do", async () => {
    const content = "Name,Phone\nMaria,(608) 555-0142\nBob,12\n";
    expect(await loaded(content, { dryRun: true })).toMatchObject({ created: 1, failed: 1 });
    expect(await names()).toEqual([]);
    expect(await loaded(content)).toMatchObject({ created: 1, failed: 1 });
  });

  it("escapes formulas in the report, which only its owner can read", async () => {
    const { file } = await loaded("Name,Phone,Notes\n=1+1,12,@cmd\n");
    expect(await readFile(String(file), "utf8")).toMatch(
      /^row,reason,Name,Phone,Notes\n2,.*,'=1\+1,12,'@cmd\n$/,
    );
    expect((await stat(String(file))).mode & 0o777).toBe(0o600);

    await writeFile(String(file), (await readFile(String(file), "utf8")).replace(",12,", ",(608) 555-0142,"));
    expect(await load(String(file))).toMatchObject({ created: 1, failed: 0 });
    expect(await contacts()).toMatchObject([{ name: "=1+1", notes: "@cmd" }]);
  });

  it("keeps the apostrophe of a safe export's cell in the report, without a second one", async () => {
    const { file } = await loaded("Name,Phone\n'=1+1,12\n''-2,12\n");
    expect(await readFile(String(file), "utf8")).toMatch(/,'=1\+1,12\n.*,''-2,12\n$/);
  });

  it.each([
    ["safe for spreadsheets", false],
    ["as they are", true],
  ])("reads the same contacts from a file that export wrote with cells %s", async (_, raw) => {
    await loaded(
      `Name,Company,Phones,Emails,Tags,Notes,Street,City,Do not contact\n` +
        `=1+1,,"+16085550142 (mobile); (608) 555-0143",a@example.com;b@example.com,vip; x,"- line\n@two","1 Elm\nUnit 2",Madison,yes\n` +
        `Plain,Acme,,,,,,,no\n`,
    );
    const before = await everyColumn(test);
    expect(before[0]).toMatchObject({ contact: { name: "=1+1", notes: "- line\n@two" } });
    const file = join(folder, "out.csv");
    expect(await exportContacts(test.db, file, { raw })).toBe(2);
    expect((await readFile(file, "utf8")).includes("'=1+1")).toBe(!raw);
    const other = await testDatabase();
    await theSettings(other.db);
    expect(await importContacts(other.db, registry, { file })).toMatchObject({ created: 2, failed: 0 });
    expect(await everyColumn(other)).toEqual(before);
    expect(await everyColumn(test)).toEqual(before);
    await other.drop();
  });

  it("writes by default no cell that a spreadsheet runs, and reads back names that begin with apostrophes", async () => {
    const names = [
      "=1+1",
      "+1",
      "-1",
      "@A1",
      "'=1+1",
      "''+1",
      "'",
      "'quoted'",
      "plain = no formula",
      "\uFF1D1+1",
    ];
    await loaded(`Name\n${names.join("\n")}\n`.replaceAll(/^('+[=+])/gm, "'$1"));
    const before = await everyColumn(test);
    expect(before).toHaveLength(names.length);
    const file = join(folder, "safe.csv");
    await exportContacts(test.db, file);
    for await (const { cells } of rowsOf(file))
      expect(cells.filter((cell) => /^[=+\-@\t\r\uFF1D]/.test(cell))).toEqual([]);
    const other = await testDatabase();
    await theSettings(other.db);
    expect(await importContacts(other.db, registry, { file })).toMatchObject({
      created: names.length,
      failed: 0,
    });
    expect(await everyColumn(other)).toEqual(before);
    await other.drop();
  });

  /** Contacts with their addresses, without the columns that differ between two imports of the same file. */
  const everyColumn = ({ db }: TestDatabase) => {
    const bare = (table: string) =>
      `to_jsonb(${table}) - '{id,contact_id,created_at,updated_at}'::text[] AS ${table}`;
    const query = `SELECT ${bare("contact")}, ${bare("address")}
      FROM contact LEFT JOIN address ON contact_id = contact.id ORDER BY name`;
    return rows<{ contact: object; address: object | null }>(db.manager, query);
  };
});
