import { createTechnician } from "../../../src/domain/technician/create.ts";
import { DEFAULT_HOURS } from "../../../src/domain/technician/working-hours.ts";
import { act, refusal } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { theSettings } from "../../support/factories.ts";

describe("technician.create", () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await testDatabase();
  });
  afterAll(() => test.drop());

  it("requires only a name and takes over the hours of the business", async () => {
    const saturday: [string, string] = ["09:00", "12:00"];
    await theSettings(test.db, { working_hours: { ...DEFAULT_HOURS, saturday } });
    expect(await act(test.db, createTechnician, { name: "Dana Reed" })).toMatchObject({
      id: expect.stringMatching(/^technician_/),
      name: "Dana Reed",
      skills: [],
      working_hours: { ...DEFAULT_HOURS, saturday },
      time_off: [],
      active: true,
    });
  });

  it("rejects days off that end before they begin", async () => {
    const time_off = [{ from: "2026-12-26", to: "2026-12-24" }];
    const error = await refusal(act(test.db, createTechnician, { name: "Dana Reed", time_off }));
    expect(error.fields).toMatchObject([{ path: "data.time_off.0.to" }]);
  });
});
