import { archiveContact } from "../../../src/domain/contact/archive.ts";
import { contacts } from "../../../src/domain/contact/type.ts";
import { runQuery } from "../../../src/domain/core/query.ts";
import { act, MONDAY_9, refusal } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aTicket, theSettings } from "../../support/factories.ts";

describe("contact.archive", () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await testDatabase();
    await theSettings(test.db);
  });
  afterAll(() => test.drop());

  const listed = (filters: object) =>
    runQuery(test.db, new Map([["contacts", contacts]]), { type: "contacts", filters }, MONDAY_9);

  it("puts a customer away with all history, once", async () => {
    const { customer_id: id } = await aTicket(test.db, { status: "completed" });
    expect(await act(test.db, archiveContact, { id })).toMatchObject({ id, archived_at: MONDAY_9 });
    expect(await listed({})).toMatchObject({ total: 0 });
    expect(await listed({ archived: "yes" })).toMatchObject({ items: [{ id }] });
    expect(await refusal(act(test.db, archiveContact, { id }))).toMatchObject({
      code: "invalid_state",
      hint: expect.stringContaining("undo the job"),
    });
  });
});
