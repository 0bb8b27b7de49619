import { addAddress } from "../../../src/domain/contact/add-address.ts";
import { newId } from "../../../src/domain/core/ids.ts";
import { act, refusal } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aContact } from "../../support/factories.ts";

describe("contact.add_address", () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await testDatabase();
  });
  afterAll(() => test.drop());

  it("adds an address and returns it", async () => {
    const { id } = await aContact(test.db);
    const data = { id, lines: [" 456 Oak Street "], city: "Madison", country: "us" };
    expect(await act(test.db, addAddress, data)).toMatchObject({
      id: expect.stringMatching(/^address_/),
      contact_id: id,
      label: "Home",
      lines: ["456 Oak Street"],
      city: "Madison",
      region: null,
      country: "US",
      kind: "service",
    });
  });

  it("requires a street, a two-letter country and an existing customer", async () => {
    const { id } = await aContact(test.db);
    const bad = await refusal(act(test.db, addAddress, { id, lines: [], country: "USA" }));
    expect(bad.fields.map(({ path }) => path)).toEqual(["data.lines", "data.country"]);
    const lost = await refusal(act(test.db, addAddress, { id: newId("contact"), lines: ["456 Oak Street"] }));
    expect(lost.code).toBe("not_found");
  });
});
