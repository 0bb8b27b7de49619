import { archiveContact } from "../../../src/domain/contact/archive.ts";
import { updateContact } from "../../../src/domain/contact/update.ts";
import { makeRegistry } from "../../../src/domain/core/registry.ts";
import { domains } from "../../../src/domain/index.ts";
import { runQuery } from "../../../src/domain/query/run-query.ts";
import { createLead } from "../../../src/domain/lead/create.ts";
import { updateLead } from "../../../src/domain/lead/update.ts";
import { createTicket } from "../../../src/domain/ticket/create.ts";
import { addToWaitlist } from "../../../src/domain/waitlist/add.ts";
import { act, MONDAY_9, refusal } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aLead, aTicket, theSettings } from "../../support/factories.ts";

describe("contact.archive", () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await testDatabase();
    await theSettings(test.db);
  });
  afterAll(() => test.drop());

  const listed = (filters: object) =>
    runQuery(test.db, { type: "contacts", filters }, { types: makeRegistry(domains).types, now: MONDAY_9 });

  it("archives a customer with all history and refuses a second time", async () => {
    const { customer_id: id } = await aTicket(test.db, { status: "completed" });
    expect(await act(test.db, archiveContact, { id })).toMatchObject({ id, archived_at: MONDAY_9 });
    expect(await listed({})).toMatchObject({ total: 0 });
    expect(await listed({ archived: "yes" })).toMatchObject({ items: [{ id }] });
    expect(await refusal(act(test.db, archiveContact, { id }))).toMatchObject({
      code: "invalid_state",
      hint: expect.stringContaining("contact.update with active"),
    });
  });

  it("refuses new records for an archived customer until they are restored", async () => {
    const { customer_id: id } = await aTicket(test.db, { status: "completed" });
    await act(test.db, archiveContact, { id });
    const lead = await aLead(test.db);
    const begun = () => [
      act(test.db, createTicket, { customer_id: id }),
      act(test.db, addToWaitlist, { customer_id: id }),
      act(test.db, createLead, { customer_id: id, raw_notes: "Wants a quote." }),
      act(test.db, updateLead, { id: lead.id, customer_id: id }),
    ];
    for (const each of begun())
      expect(await refusal(each)).toMatchObject({
        code: "invalid_state",
        hint: expect.stringContaining(`{"id": "${id}", "active": true}`),
      });
    expect(await act(test.db, updateContact, { id, active: true })).toMatchObject({ archived_at: null });
    for (const each of begun()) await expect(each).resolves.toMatchObject({ customer_id: id });
  });
});
