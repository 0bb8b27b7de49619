import { archiveContact } from "../../../src/domain/contact/archive.ts";
import { deleteContact } from "../../../src/domain/contact/delete.ts";
import { mergeContacts } from "../../../src/domain/contact/merge.ts";
import { updateContact } from "../../../src/domain/contact/update.ts";
import { newId } from "../../../src/domain/core/ids.ts";
import { runQuery } from "../../../src/domain/query/run-query.ts";
import { makeRegistry } from "../../../src/domain/core/registry.ts";
import { domains } from "../../../src/domain/index.ts";
import { createTicket } from "../../../src/domain/ticket/create.ts";
import { Contact } from "../../../src/entities/contact.ts";
import { act, MONDAY_9, refusal } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { anAttribute, anAttributeValue } from "../../support/definitions.ts";
import {
  aContact,
  aLead,
  anAddress,
  anInvoice,
  aTicket,
  aWaitlistEntry,
  theSettings,
} from "../../support/factories.ts";

describe("contact.merge", () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await testDatabase();
    await theSettings(test.db);
  });
  afterAll(() => test.drop());

  const merge = (id: string, into_id: string) => act(test.db, mergeContacts, { id, into_id });
  const { types } = makeRegistry(domains);
  const query = (input: object) => runQuery(test.db, input, { types, now: MONDAY_9 });
  const read = (id: string) => test.db.getRepository(Contact).findOneByOrFail({ id });
  /** Ids of the duplicate and of the customer to keep. */
  const two = async (): Promise<[string, string]> => [
    (await aContact(test.db)).id,
    (await aContact(test.db)).id,
  ];

  it("moves all records to the kept customer and combines the fields", async () => {
    const { id: kept } = await aContact(test.db, {
      name: "Maria Garcia",
      phones: [{ number: "+16085550142", label: "mobile" }],
      tags: ["residential"],
      notes: "Prefers mornings.",
      source: "referral",
    });
    const { id } = await aContact(test.db, {
      name: "M. Garcia",
      company: "Garcia Ltd",
      phones: [
        { number: "+16085550142", label: null },
        { number: "+16085550199", label: "home" },
      ],
      emails: ["maria@example.com"],
      tags: ["residential", "vip"],
      notes: "Has a dog.",
      source: "website",
      do_not_contact: true,
    });
    const address = await anAddress(test.db, { contact_id: id });
    const ticket = await aTicket(test.db, { customer_id: id, address_id: address.id, status: "completed" });
    const invoice = await anInvoice(test.db, { customer_id: id, ticket_id: ticket.id, status: "open" });

    expect(await merge(id, kept)).toMatchObject({
      id: kept,
      name: "Maria Garcia",
      company: "Garcia Ltd",
      phones: [
        { number: "+16085550142", label: "mobile" },
        { number: "+16085550199", label: "home" },
      ],
      emails: ["maria@example.com"],
      tags: ["residential", "vip"],
      notes: "Prefers mornings.\n\nHas a dog.",
      source: "referral",
      do_not_contact: true,
      archived_at: null,
      addresses: [{ id: address.id, contact_id: kept, version: 2 }],
    });
    expect(await query({ type: "contacts", id: kept, include: ["tickets", "invoices"] })).toMatchObject({
      item: { tickets: [{ id: ticket.id }], invoices: [{ id: invoice.id, customer_id: kept }] },
    });
    expect(await read(id)).toMatchObject({ merged_into_id: kept, archived_at: MONDAY_9, name: "M. Garcia" });
  });

  it("moves leads, waitlist entries and attributes without overwriting existing values", async () => {
    const [id, kept] = await two();
    const lead = await aLead(test.db, { customer_id: id });
    const wait = await aWaitlistEntry(test.db, { customer_id: id });
    const windows = await anAttribute(test.db, { key: "windows" });
    const floors = await anAttribute(test.db, { key: "floors" });
    await anAttributeValue(test.db, { contact_id: id, attribute_id: windows.id, value: 25 });
    await anAttributeValue(test.db, { contact_id: id, attribute_id: floors.id, value: 2 });
    await anAttributeValue(test.db, { contact_id: kept, attribute_id: floors.id, value: 3 });
    expect(await merge(id, kept)).toMatchObject({ attributes: { windows: 25, floors: 3 } });
    for (const [type, moved] of [
      ["leads", lead.id],
      ["waitlist", wait.id],
    ])
      expect(await query({ type, filters: { customer_id: id } })).toMatchObject({ items: [{ id: moved }] });
  });

  it("forwards the old id directly, even after several merges", async () => {
    const [first, second] = await two();
    const { customer_id: kept, id: ticket } = await aTicket(test.db);
    await merge(first, second);
    await merge(second, kept);
    for (const old of [first, second]) {
      expect(await read(old)).toMatchObject({ merged_into_id: kept });
      const found = await query({ type: "contacts", id: old, include: ["tickets"], fields: ["name"] });
      expect(found).toMatchObject({ item: { id: kept, tickets: [{ id: ticket }] }, forwarded_from: old });
      const theirs = await query({ type: "tickets", filters: { customer_id: old } });
      expect(theirs).toMatchObject({ items: [{ id: ticket }], total: 1 });
    }
    expect(await query({ type: "contacts", id: kept })).not.toHaveProperty("forwarded_from");
  });

  it("rejects changes to the merged record and names the one to use", async () => {
    const [id, kept] = await two();
    await merge(id, kept);
    const other = (await aContact(test.db)).id;
    const tries = [
      () => act(test.db, updateContact, { id, notes: "x" }),
      () => act(test.db, deleteContact, { id }),
      () => act(test.db, archiveContact, { id }),
      () => act(test.db, createTicket, { customer_id: id }),
      () => merge(id, other),
      () => merge(other, id),
    ];
    for (const each of tries) {
      const error = await refusal(each());
      expect(error).toMatchObject({ code: "conflict", merged_into_id: kept });
      expect(error.hint).toContain(`Use ${kept} instead`);
    }
  });

  it("rejects a merge into itself, an unknown or an archived customer", async () => {
    const [id, kept] = await two();
    expect(await refusal(merge(id, id))).toMatchObject({ fields: [{ path: "data.into_id" }] });
    expect(await refusal(merge(id, newId("contact")))).toMatchObject({ code: "not_found" });
    await act(test.db, archiveContact, { id: kept });
    expect(await refusal(merge(id, kept))).toMatchObject({ code: "invalid_state" });
    expect(await merge(kept, id)).toMatchObject({ id });
  });

  it("completes one of two concurrent merges in opposite directions", async () => {
    const [one, other] = await two();
    const both = await Promise.allSettled([merge(one, other), merge(other, one)]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(both.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "conflict" } });
  });

  it("deletes the merged record together with the kept customer", async () => {
    const [id, kept] = await two();
    await merge(id, kept);
    await act(test.db, deleteContact, { id: kept });
    expect(await test.db.getRepository(Contact).findBy([{ id }, { id: kept }])).toEqual([]);
  });
});
