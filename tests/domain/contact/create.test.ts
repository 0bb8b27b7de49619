import { createContact } from "../../../src/domain/contact/create.ts";
import { duplicatesSql } from "../../../src/domain/contact/duplicates.ts";
import { act, MONDAY_9, refusal } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aContact, theSettings } from "../../support/factories.ts";

describe("contact.create", () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await testDatabase();
    await theSettings(test.db);
  });
  afterAll(() => test.drop());

  const create = (data: Parameters<typeof act<typeof createContact.input, unknown>>[2]) =>
    act(test.db, createContact, data);

  it("requires only a name and returns the record", async () => {
    const contact = await create({ name: "  Maria Garcia " });
    expect(contact).toMatchObject({
      name: "Maria Garcia",
      kind: "person",
      phones: [],
      emails: [],
      version: 1,
    });
    expect(contact["id"]).toMatch(/^contact_/);
    expect(new Date(String(contact["created_at"]))).toEqual(MONDAY_9);
  });

  it("normalizes and deduplicates phones and e-mail addresses", async () => {
    const contact = await create({
      name: "Smith Dental",
      kind: "company",
      phones: [
        { number: "(608) 555-0160", label: "front desk" },
        { number: "+49 30 123456" },
        { number: "608.555.0160" },
      ],
      emails: ["Office@SmithDental.example.com", " office@smithdental.example.com"],
      tags: ["commercial", "commercial"],
      notes: null,
    });
    expect(contact).toMatchObject({
      kind: "company",
      phones: [
        { number: "+16085550160", label: "front desk" },
        { number: "+4930123456", label: null },
      ],
      emails: ["office@smithdental.example.com"],
      tags: ["commercial"],
    });
  });

  describe("when the customer may already exist", () => {
    const phones = [{ number: "(608) 555-0171", label: "mobile" }];
    const emails = ["mary@example.com"];

    it("lists the candidates and what matched, best first", async () => {
      const byPhone = await create({ name: "M. Thompson", phones });
      const both = await create({ name: "Mary Thompson", phones, emails, allow_duplicate: true });
      const again = { name: "Mary", phones: [{ number: "608.555.0171" }], emails: ["Mary@Example.com"] };
      const error = await refusal(create(again));
      expect(error).toMatchObject({
        code: "conflict",
        candidates: [
          { id: both["id"], name: "Mary Thompson", matched_on: ["phone", "email"] },
          { id: byPhone["id"], name: "M. Thompson", matched_on: ["phone"] },
        ],
        hint: expect.stringContaining("allow_duplicate: true"),
      });
      expect(await create({ ...again, allow_duplicate: true })).not.toHaveProperty("allow_duplicate");
    });

    it("ignores archived customers and equal names", async () => {
      await aContact(test.db, { name: "Otto", emails: ["otto@example.com"], archived_at: MONDAY_9 });
      expect(await create({ name: "Otto", emails: ["otto@example.com"] })).toMatchObject({ name: "Otto" });
      expect(await create({ name: "Otto" })).toMatchObject({ name: "Otto" });
    });

    it("accepts one of several concurrent duplicates", async () => {
      const made = Array.from({ length: 6 }, () => create({ name: "Ann", emails: ["ann@example.com"] }));
      const answers = await Promise.allSettled(made);
      expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    });

    it("looks duplicates up by an index", async () => {
      const plan = await test.db.transaction(async (db) => {
        await db.query("SET LOCAL enable_seqscan = off");
        return db.query<Record<string, string>[]>(`EXPLAIN ${duplicatesSql("$1", "$2")}`, [
          ['[{"number": "+16085550171"}]'],
          emails,
        ]);
      });
      const lines = plan.map((line) => line["QUERY PLAN"]).join("\n");
      expect(lines).toMatch(/Bitmap Index Scan on contact_phones[^]*Bitmap Index Scan on contact_emails/);
    });
  });

  it.each([
    ["a bad phone", { phones: [{ number: "call me" }] }, "data.phones.0.number", /\(608\) 555-0123/],
    ["an extension", { phones: [{ number: "608 555 0160 ext. 5" }] }, "data.phones.0.number", /label/],
    ["a bad address", { emails: ["maria@example"] }, "data.emails.0", /maria@example\.com/],
    ["no name", { name: "  " }, "data.name", /empty/],
    ["a long name", { name: "x".repeat(201) }, "data.name", /200/],
    ["long notes", { notes: "x".repeat(20_001) }, "data.notes", /20000/],
    ["an unknown kind", { kind: "robot" }, "data.kind", /person/],
    ["a status", { archived_at: null }, "data.archived_at", /unknown key/],
  ])("rejects %s and names the field", async (_what, data, path, message) => {
    const error = await refusal(create({ name: "Wilson", ...data } as { name: string }));
    expect(error).toMatchObject({
      code: "validation_failed",
      fields: [{ path, message: expect.stringMatching(message) }],
    });
  });
});
