import { updateContact } from "../../../src/domain/contact/update.ts";
import { newId } from "../../../src/domain/core/ids.ts";
import { act, refusal } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aContact, theSettings } from "../../support/factories.ts";

describe("contact.update", () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await testDatabase();
    await theSettings(test.db);
  });
  afterAll(() => test.drop());

  it("changes the given fields, clears null ones and leaves the rest", async () => {
    const { id } = await aContact(test.db, {
      name: "Wilson",
      notes: "Old",
      company: "Wilson Ltd",
      tags: ["a"],
    });
    const data = { id, notes: null, phones: [{ number: "6085550134" }], tags: ["b"] };
    expect(await act(test.db, updateContact, data)).toMatchObject({
      id,
      name: "Wilson",
      company: "Wilson Ltd",
      phones: [{ number: "+16085550134", label: null }],
      tags: ["b"],
      version: 2,
    });
    const { notes } = await test.db.getRepository("contact").findOneByOrFail({ id });
    expect(notes).toBeNull();
  });

  it("rejects an outdated version", async () => {
    const { id } = await aContact(test.db);
    await act(test.db, updateContact, { id, version: 1, name: "Maria" });
    const error = await refusal(act(test.db, updateContact, { id, version: 1, name: "Mary" }));
    expect(error).toMatchObject({ code: "conflict", version: 2 });
  });

  it("rejects an empty change", async () => {
    const { id } = await aContact(test.db);
    const error = await refusal(act(test.db, updateContact, { id, version: 1 }));
    expect(error).toMatchObject({
      code: "validation_failed",
      message: expect.stringContaining("at least one field"),
    });
  });

  it("returns not_found when the customer does not exist", async () => {
    const error = await refusal(act(test.db, updateContact, { id: newId("contact"), name: "Nobody" }));
    expect(error.code).toBe("not_found");
  });
});
