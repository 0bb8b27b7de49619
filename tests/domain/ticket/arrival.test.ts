import { updateSettings } from "../../../src/domain/settings/update.ts";
import { whenOf } from "../../../src/domain/ticket/when.ts";
import { handleRescheduleRequest } from "../../../src/domain/workflow/handle-reschedule-request.ts";
import { scheduleAppointment } from "../../../src/domain/workflow/schedule-appointment.ts";
import { Message } from "../../../src/entities/message.ts";
import type { Settings } from "../../../src/entities/settings.ts";
import { act, refusal } from "../../support/act.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { aContact, aTechnician, theSettings } from "../../support/factories.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
  await theSettings(test.db);
  await aTechnician(test.db, { name: "Theo" });
});
afterAll(() => test.drop());

const inChicago = { timezone: "America/Chicago", arrival_window_minutes: 120 } as Settings;

describe("an arrival window", () => {
  it("stands in what customers read in place of the time, before and after a move", async () => {
    await act(test.db, updateSettings, { arrival_window_minutes: 120 });
    const { id } = await aContact(test.db, { emails: ["maria@example.com"] });
    const book = { customer_identifier: id, requested_date: "2026-11-24", requested_time: "09:00" };
    const { when, ticket } = await act(test.db, scheduleAppointment, book);
    const promised = "Tuesday, November 24, 2026 between 9:00 AM and 11:00 AM";
    expect(when).toMatchObject({ local: "Tuesday, November 24, 2026 at 9:00 AM", arrival: promised });
    const move = { ticket_id: ticket.id, new_date: "2026-11-25", new_time: "13:00" };
    await act(test.db, handleRescheduleRequest, move);
    const sent = await test.db.getRepository(Message).find({ order: { id: "ASC" } });
    expect(sent[0]?.body).toContain(`When: ${promised}\n`);
    expect(sent[1]?.body).toContain("New: Wednesday, November 25, 2026 between 1:00 PM and 3:00 PM\n");
    expect(sent[1]?.body).toContain(`Before: ${promised}\n`);
  });

  it.each([
    ["2027-03-14T07:30:00Z", "Sunday, March 14, 2027 between 1:30 AM and 4:30 AM"],
    ["2026-11-01T06:30:00Z", "Sunday, November 1, 2026 between 1:30 AM and 2:30 AM"],
    ["2026-11-25T05:00:00Z", "Tuesday, November 24, 2026 between 11:00 PM and 1:00 AM"],
  ])("lasts as long as it says on days of a clock change and over midnight: %s", (start, words) => {
    const at = new Date(start);
    expect(whenOf(at, at, inChicago).arrival).toBe(words);
  });

  it("is between 0 and 480 minutes", async () => {
    for (const arrival_window_minutes of [-1, 481, 1.5])
      expect(await refusal(act(test.db, updateSettings, { arrival_window_minutes }))).toMatchObject({
        fields: [{ path: "data.arrival_window_minutes" }],
      });
    await act(test.db, updateSettings, { arrival_window_minutes: 0 });
    expect(whenOf(new Date(0), new Date(0), { ...inChicago, arrival_window_minutes: 0 })).not.toHaveProperty(
      "arrival",
    );
  });
});
