import { newId } from "../../../src/domain/core/ids.ts";
import { settingsOf } from "../../../src/domain/settings/current.ts";
import { updateSettings } from "../../../src/domain/settings/update.ts";
import { DEFAULT_HOURS } from "../../../src/domain/technician/working-hours.ts";
import { act, refusal } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aContact } from "../../support/factories.ts";
import { agent, makePipeline } from "../../support/pipeline.ts";

let test: TestDatabase;
beforeAll(async () => void (test = await testDatabase()));
afterAll(() => test.drop());
beforeEach(async () => {
  await test.clear();
});

describe("settings.update", () => {
  it("creates the single row with defaults", async () => {
    await expect(settingsOf(test.db.manager)).rejects.toThrow("settings.update");
    await act(test.db, updateSettings, { timezone: "Europe/Berlin", currency: "EUR" });
    expect(await settingsOf(test.db.manager)).toMatchObject({
      id: "settings",
      business_name: "My business",
      timezone: "Europe/Berlin",
      currency: "EUR",
      working_hours: DEFAULT_HOURS,
      version: 1,
    });
  });

  it("changes only the given fields afterwards", async () => {
    await act(test.db, updateSettings, { business_name: "Clear View" });
    const settings = await act(test.db, updateSettings, { travel_buffer_minutes: 15 });
    expect(settings).toMatchObject({ business_name: "Clear View", travel_buffer_minutes: 15, version: 2 });
  });

  it("refuses parts of the day that overlap", async () => {
    const day_parts = {
      morning: { from: "07:00", to: "12:30" },
      afternoon: { from: "12:00", to: "17:00" },
      evening: { from: "18:00", to: "21:00" },
    };
    expect(await refusal(act(test.db, updateSettings, { day_parts }))).toMatchObject({
      code: "validation_failed",
      fields: [{ path: "data.day_parts.afternoon.from", message: "must not be before the morning ends" }],
    });
    const late = { ...day_parts, afternoon: { from: "12:30", to: "18:30" } };
    expect(await refusal(act(test.db, updateSettings, { day_parts: late }))).toMatchObject({
      fields: [{ path: "data.day_parts.evening.from", message: "must not be before the afternoon ends" }],
    });
    const apart = { ...day_parts, afternoon: { from: "12:30", to: "17:00" } };
    expect(await act(test.db, updateSettings, { day_parts: apart })).toMatchObject({ day_parts: apart });
  });

  it("sets invoices, reminders and waiting times", async () => {
    await act(test.db, updateSettings, {});
    expect(await settingsOf(test.db.manager)).toMatchObject({
      invoice_prefix: "INV-",
      due_days: 30,
      overdue_reminder_days: [1, 7, 14],
      appointment_reminder_hours: [24],
      quiet_hours: null,
    });
    const quiet_hours = { from: "20:00", to: "08:00" };
    const changed = await act(test.db, updateSettings, { overdue_reminder_days: [10, 3, 10], quiet_hours });
    expect(changed).toMatchObject({ overdue_reminder_days: [3, 10], quiet_hours });
  });

  it("sets how long an authorization request stays open", async () => {
    const pipeline = makePipeline(test.db, undefined, { authorizationTtlMs: 60_000 });
    const { id } = await aContact(test.db);
    const waits = async () => {
      const job = await pipeline.ask(agent, "probe.swear", { id, notes: newId("job") });
      const { created_at, expires_at } = await pipeline.question(job);
      return Math.round((Date.parse(expires_at) - Date.parse(created_at)) / 60_000);
    };
    await act(test.db, updateSettings, {});
    expect(await waits()).toBe(1);
    await act(test.db, updateSettings, { authorization_ttl_hours: 2 });
    expect(await waits()).toBe(120);
  });

  it.each([
    ["timezone", "Mars/Olympus"],
    ["timezone", "+05:00"],
    ["currency", "usd"],
    ["tax_bp", 10_001],
    ["due_days", -1],
    ["overdue_reminder_days", [0]],
    ["invoice_prefix", "INV 1"],
    ["quiet_hours", { from: "20:00", to: "20:00" }],
    ["authorization_ttl_hours", 0],
    ["working_hours", { ...DEFAULT_HOURS, monday: ["17:00", "08:00"] }],
  ])("rejects %s %j", async (field, value) => {
    const { fields } = await refusal(act(test.db, updateSettings, { [field]: value }));
    expect(fields.map(({ path }) => path.split(".")[1])).toEqual([field]);
  });
});
