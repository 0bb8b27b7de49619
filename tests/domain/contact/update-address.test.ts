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
  it("changes the given fields, clears null ones and leaves the rest, without applying defaults", async () => {
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

  it("rejects an outdated version and an empty change", async () => {
    const { id: address_id } = await anAddress(test.db);
    await act(test.db, updateAddress, { address_id, version: 1, city: "Verona" });
    const stale = await refusal(act(test.db, updateAddress, { address_id, version: 1, city: "Monona" }));
    expect(stale).toMatchObject({ code: "conflict", version: 2 });
    const nothing = await refusal(act(test.db, updateAddress, { address_id, version: 2 }));
    expect(nothing.message).toContain("at least one field");
  });

  it("returns not_found when the address does not exist", async () => {
    const error = await refusal(
      act(test.db, updateAddress, { address_id: newId("address"), city: "Verona" }),
    );
    expect(error.code).toBe("not_found");
  });
});

describe("contact.remove_address", () => {
  it("deletes the address and keeps its visits without one", async () => {
    const { id, address_id } = await aTicket(test.db, { status: "scheduled" });
    await act(test.db, removeAddress, { address_id: address_id ?? "" });
    expect(await test.db.getRepository(Ticket).findOneByOrFail({ id })).toMatchObject({ address_id: null });
    const again = await refusal(act(test.db, removeAddress, { address_id: address_id ?? "" }));
    expect(again.code).toBe("not_found");
  });
});
