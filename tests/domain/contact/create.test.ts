import { createContact } from "../../../src/domain/contact/create.ts";
import { act, MONDAY_9, refusal } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { theSettings } from "../../support/factories.ts";

describe("contact.create", () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await testDatabase();
    await theSettings(test.db);
  });
  afterAll(() => test.drop());

  const create = (data: Parameters<typeof act<typeof createContact.input, unknown>>[2]) =>
    act(test.db, createContact, data);

  it("needs only a name and answers the record itself", async () => {
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

  it("keeps phones in one notation and e-mail addresses in lower case, each once", async () => {
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

  it.each([
    ["a bad phone", { phones: [{ number: "call me" }] }, "data.phones.0.number", /\(608\) 555-0123/],
    ["an extension", { phones: [{ number: "608 555 0160 ext. 5" }] }, "data.phones.0.number", /label/],
    ["a bad address", { emails: ["maria@example"] }, "data.emails.0", /maria@example\.com/],
    ["no name", { name: "  " }, "data.name", /empty/],
    ["a long name", { name: "x".repeat(201) }, "data.name", /200/],
    ["long notes", { notes: "x".repeat(20_001) }, "data.notes", /20000/],
    ["an unknown kind", { kind: "robot" }, "data.kind", /person/],
    ["a status", { archived_at: null }, "data.archived_at", /unknown key/],
  ])("refuses %s and names the field", async (_what, data, path, message) => {
    const error = await refusal(create({ name: "Wilson", ...data } as { name: string }));
    expect(error).toMatchObject({
      code: "validation_failed",
      fields: [{ path, message: expect.stringMatching(message) }],
    });
  });
});
