import { bookFromWaitlist } from "../../../src/domain/waitlist/book.ts";
import { act, refusal } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aTicket } from "../../support/factories.ts";
import { makeOffering, START, window_start } from "./offering.ts";

let test: TestDatabase;
let office: Awaited<ReturnType<typeof makeOffering>>;
beforeAll(async () => void (test = await testDatabase()));
afterAll(() => test.drop());
beforeEach(async () => {
  await test.clear();
  office = await makeOffering(test.db);
});

describe("booking from the waitlist", () => {
  it("takes the offered time, and tells the others", async () => {
    const [anna, ben] = [await office.waiting("Anna"), await office.waiting("Ben")];
    await office.offer([anna, ben]);
    expect(await act(test.db, bookFromWaitlist, { id: anna.id })).toMatchObject({
      when: { start: START },
      technician: { id: office.rosa.id },
      confirmation: { status: "queued" },
    });
    expect(await office.messagesTo(ben)).toEqual(["waitlist_offer", "waitlist_gone"]);
  });

  it("leaves an offer of a time beside it alone", async () => {
    const [anna, ben] = [await office.waiting("Anna"), await office.waiting("Ben")];
    await office.offer([ben], { window_start: "2026-11-24T14:30" });
    await act(test.db, bookFromWaitlist, { id: anna.id, window_start, send_confirmation: false });
    expect(await office.entryOf(ben.id)).toMatchObject({ state: "offered" });
    expect(await office.messagesTo(anna)).toEqual([]);
  });

  it("refuses a taken time with free ones, and asks for a time where none is offered", async () => {
    const anna = await office.waiting("Anna");
    const busy = {
      window_start: START,
      window_end: new Date("2026-11-24T22:30:00Z"),
      technician_id: office.rosa.id,
    };
    await aTicket(test.db, { status: "scheduled", ...busy });
    const refused = await refusal(act(test.db, bookFromWaitlist, { id: anna.id, window_start }));
    expect(refused).toMatchObject({ code: "conflict", alternatives: [{}, {}, {}] });
    expect(await refusal(act(test.db, bookFromWaitlist, { id: anna.id }))).toMatchObject({
      fields: [{ path: "data.window_start" }],
    });
  });
});
