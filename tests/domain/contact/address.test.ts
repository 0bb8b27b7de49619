import { removeAddress } from "../../../src/domain/contact/remove-address.ts";
import { updateAddress } from "../../../src/domain/contact/update-address.ts";
import { newId } from "../../../src/domain/core/ids.ts";
import { Ticket } from "../../../src/entities/ticket.ts";
import { act, refusal } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { anAddress, aTicket } from "../../support/factories.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
});
afterAll(() => test.drop());

describe("contact.update_address", () => {
  it("changes what is given, clears what is null, keeps the rest: no default comes back", async () => {
    const { id: address_id } = await anAddress(test.db, {
      label: "Lake house",
      country: "CA",
      kind: "billing",
    });
    const data = { address_id, city: null, access_notes: "Gate code 4711" };
    expect(await act(test.db, updateAddress, data)).toMatchObject({
      id: address_id,
      label: "Lake house",
      lines: ["12 Elm Street"],
      city: null,
      country: "CA",
      kind: "billing",
      access_notes: "Gate code 4711",
      version: 2,
    });
  });

  it("refuses a caller who read an older version, and one who changes nothing", async () => {
    const { id: address_id } = await anAddress(test.db);
    await act(test.db, updateAddress, { address_id, version: 1, city: "Verona" });
    const stale = await refusal(act(test.db, updateAddress, { address_id, version: 1, city: "Monona" }));
    expect(stale).toMatchObject({ code: "conflict", version: 2 });
    const nothing = await refusal(act(test.db, updateAddress, { address_id, version: 2 }));
    expect(nothing.message).toContain("at least one field");
  });

  it("says when there is no such address", async () => {
    const error = await refusal(
      act(test.db, updateAddress, { address_id: newId("address"), city: "Verona" }),
    );
    expect(error.code).toBe("not_found");
  });
});

describe("contact.remove_address", () => {
  it("takes the address away; a visit there stays, without one", async () => {
    const { id, address_id } = await aTicket(test.db, { status: "scheduled" });
    await act(test.db, removeAddress, { address_id: address_id ?? "" });
    expect(await test.db.getRepository(Ticket).findOneByOrFail({ id })).toMatchObject({ address_id: null });
    const again = await refusal(act(test.db, removeAddress, { address_id: address_id ?? "" }));
    expect(again.code).toBe("not_found");
  });
});
