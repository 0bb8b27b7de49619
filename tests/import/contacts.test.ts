import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { makeRegistry } from "../../src/domain/core/registry.ts";
import { domains } from "../../src/domain/index.ts";
import { rows } from "../../src/entities/database.ts";
import { exportContacts } from "../../src/export/contacts.ts";
import { mapOf } from "../../src/import/columns.ts";
import { importContacts, type ImportOptions } from "../../src/import/contacts.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { anAttribute, theSettings } from "../support/factories.ts";

const registry = makeRegistry(domains);
const HEADER = "Full Name,Mobile Phone,E-Mail,Street Address,City,ZIP,Notes";

describe("import of contacts", () => {
  let test: TestDatabase;
  let folder: string;
  beforeEach(async () => {
    test = await testDatabase();
    await theSettings(test.db);
    folder = await mkdtemp(join(tmpdir(), "countersign-import-"));
  });
  afterEach(async () => {
    await test.drop();
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

  it("reports rows that lack a required attribute", async () => {
    await anAttribute(test.db, { key: "windows", required: true });
    expect(await loaded("Name\nMaria\n")).toMatchObject({
      created: 0,
      examples: [{ row: 2, reason: "attributes.windows: is required (number)" }],
    });
  });

  it("reads names, numbers and one address, told by the headers", async () => {
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

  it("takes a column for what the caller says", async () => {
    await loaded("Who,Name\nMaria,mobile cat\n", { map: mapOf(["name=Who", "notes=Name"]) });
    expect(await contacts()).toMatchObject([{ name: "Maria", notes: "mobile cat" }]);
  });

  it.each([
    ["no name", "Shoe,Hat\n1,2\n", {}, /No column is a name.*Shoe, Hat/],
    ["nothing in it", "", {}, /is empty/],
    ["a column that is not there", "Name\nM\n", { map: { name: "Who" } }, /no column "Who".*Name/],
    ["a field that is none", "Name\nM\n", { map: { shoe: "Name" } }, /"shoe" is nothing.*first_name/],
    ["a quote that never ends", `Name\n"${"long ".repeat(50_000)}`, {}, /cannot be read on from row 2/],
  ])("refuses a file or a call with %s, in words", async (_, content, options, words) => {
    await expect(loaded(content, options)).rejects.toThrow(words);
    expect(await names()).toEqual([]);
  });

  it("says row and reason of each that fails, and takes in the others", async () => {
    const bad = Buffer.concat([
      Buffer.from(
        `${HEADER}\nMaria,12,,,,,\n,(608) 555-0101,,,,,\nBob,,nonsense,,,,\nZoe,,,,Madison,,\nTwo,,,,,,,,9\n`,
      ),
      Buffer.from([0x4a, 0xf6, 0x72, 0x67]), // Jörg in Latin-1.
      Buffer.from(`,,,,,,\n\nGood,,,,,,\n`),
    ]);
    const report = await loaded(bad);
    expect(report).toMatchObject({ created: 1, failed: 6, file: join(folder, "contacts.failed.csv") });
    const told = parse(await readFile(String(report.file)), {
      columns: true,
      relax_column_count_more: true,
    }) as Record<string, string>[];
    expect(told.map(({ row, reason }) => `${row}: ${reason}`)).toEqual([
      expect.stringMatching(/^2: phones\.0\.number: is no phone number/),
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

  it("takes over what was corrected in the report, and only that", async () => {
    const { file } = await loaded("Name,Phone\nMaria,12\nBob,\n");
    await writeFile(String(file), (await readFile(String(file), "utf8")).replace(",12", ",(608) 555-0142"));
    expect(await load(String(file))).toMatchObject({ created: 1, failed: 0 });
    expect(await names()).toEqual(["Bob", "Maria"]);
  });

  it("never writes over a report from before: what was corrected there stays", async () => {
    const file = await write("Name,Phone\nMaria,12\n");
    const first = String((await load(file)).file);
    await writeFile(first, "Name,Phone\nMaria,(608) 555-0142\n");
    expect((await load(file)).file).toBe(join(folder, "contacts.failed-2.csv"));
    expect((await load(file, { dryRun: true })).file).toBe(join(folder, "contacts.failed-3.csv"));
    expect(await load(first)).toMatchObject({ created: 1, file: null });
  });

  it("says the same of rows that repeat others of the file, dry or not, by row", async () => {
    const others = Array.from({ length: 30 }, (_, at) => `Customer ${at},`).join("\n");
    const again = "Maria,(608) 555-0142\nMary,608-555-0142\n";
    const file = await write(`Name,Phone\nMaria,(608) 555-0142\nMia,6085550142\n${others}\n${again}`);
    for (const dryRun of [true, false])
      expect(await load(file, { dryRun })).toMatchObject({
        created: 31,
        known: 1,
        examples: [
          { row: 3, reason: expect.stringMatching(/kept already: row 2 \(same phone\)/) },
          { row: 35, reason: expect.stringMatching(/row 2\b.*same|same.*row 2\b/) },
        ],
      });
  });

  it("changes nothing in a dry run, and says what it would do", async () => {
    const content = "Name,Phone\nMaria,(608) 555-0142\nBob,12\n";
    expect(await loaded(content, { dryRun: true })).toMatchObject({ created: 1, failed: 1 });
    expect(await names()).toEqual([]);
    expect(await loaded(content)).toMatchObject({ created: 1, failed: 1 });
  });

  it("reads a thousand rows of which ten are broken; killed half-way and started again it makes no duplicate", async () => {
    const lines = Array.from({ length: 1_000 }, (_, at) => `Customer ${at},${at % 100 === 50 ? "12" : ""}`);
    const file = await write(`Name,Phone\n${lines.join("\n")}\n`);
    let told = 0;
    const killed = load(file, {
      told() {
        if (++told === 20) throw new Error("killed");
      },
    });
    await expect(killed).rejects.toThrow("killed");
    expect((await names()).length).toBe(495);
    const report = await load(file);
    expect(report).toMatchObject({ created: 495, known: 495, failed: 10 });
    const failed = parse(await readFile(String(report.file)), { columns: true }) as { row: string }[];
    expect(failed.map(({ row }) => Number(row))).toEqual(
      Array.from({ length: 10 }, (_, at) => 52 + at * 100),
    );
    expect(new Set(await names()).size).toBe(990);
    expect((await names()).length).toBe(990);
  });

  it("reads back what export wrote, with cells made safe or not", async () => {
    await loaded(
      `Name,Company,Phones,Emails,Tags,Notes,Street,City,Do not contact\n` +
        `=1+1,,"+16085550142 (mobile); (608) 555-0143",a@example.com;b@example.com,vip; x,"- line\n@two","1 Elm\nUnit 2",Madison,yes\n` +
        `Plain,Acme,,,,,,,no\n`,
    );
    const before = await contacts();
    for (const safeCells of [true, false]) {
      const file = join(folder, "out.csv");
      expect(await exportContacts(test.db, file, { safeCells })).toBe(2);
      expect((await readFile(file, "utf8")).includes("'=1+1")).toBe(safeCells);
      const other = await testDatabase();
      await theSettings(other.db);
      expect(await importContacts(other.db, registry, { file })).toMatchObject({ created: 2, failed: 0 });
      const again = join(folder, "again.csv");
      await exportContacts(other.db, again, { safeCells });
      const withoutIds = async (name: string) =>
        (await readFile(name, "utf8")).replaceAll(/contact_\w+/g, "");
      expect(await withoutIds(again)).toBe(await withoutIds(file));
      await other.drop();
    }
    expect(await contacts()).toEqual(before);
  });
});
