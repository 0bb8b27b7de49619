import { settingsOf } from "../../../src/domain/settings/current.ts";
import { updateSettings } from "../../../src/domain/settings/update.ts";
import { USUAL_HOURS } from "../../../src/domain/technician/working-hours.ts";
import { act, refusal } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";

let test: TestDatabase;
beforeEach(async () => {
  test = await testDatabase();
});
afterEach(() => test.drop());

describe("settings.update", () => {
  it("makes the one row at first, with what is usual", async () => {
    await expect(settingsOf(test.db.manager)).rejects.toThrow("settings.update");
    await act(test.db, updateSettings, { timezone: "Europe/Berlin", currency: "EUR" });
    expect(await settingsOf(test.db.manager)).toMatchObject({
      id: "settings",
      business_name: "My business",
      timezone: "Europe/Berlin",
      currency: "EUR",
      working_hours: USUAL_HOURS,
      version: 1,
    });
  });

  it("changes only what is given after that", async () => {
    await act(test.db, updateSettings, { business_name: "Clear View" });
    const settings = await act(test.db, updateSettings, { travel_buffer_minutes: 15 });
    expect(settings).toMatchObject({ business_name: "Clear View", travel_buffer_minutes: 15, version: 2 });
  });

  it.each([
    ["timezone", "Mars/Olympus"],
    ["timezone", "+05:00"],
    ["currency", "usd"],
    ["tax_bp", 10_001],
    ["working_hours", { ...USUAL_HOURS, monday: ["17:00", "08:00"] }],
  ])("refuses %s %j", async (field, value) => {
    const { fields } = await refusal(act(test.db, updateSettings, { [field]: value }));
    expect(fields.map(({ path }) => path.split(".")[1])).toEqual([field]);
  });
});
