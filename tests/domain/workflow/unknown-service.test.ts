import { findAvailability } from "../../../src/domain/workflow/find-availability.ts";
import { availabilityInput } from "../../../src/domain/workflow/availability-input.ts";
import { scheduleAppointment } from "../../../src/domain/workflow/schedule-appointment.ts";
import { act, MONDAY_9, refusal } from "../../support/act.ts";
import type { TestDatabase } from "../../support/database.ts";
import { aService } from "../../support/definitions.ts";
import { aContact } from "../../support/factories.ts";
import { testPipeline } from "../../support/pipeline.ts";

let test: TestDatabase;
beforeAll(async () => {
  ({ test } = await testPipeline());
  await aService(test.db, { name: "Screen cleaning" });
});
afterAll(() => test.drop());

describe("a service that there is not", () => {
  const services = ["Roofing"];
  const hintOf = async (asked: Promise<unknown>) => (await refusal(asked)).hint;

  it("is refused by schedule_appointment with the nearest and with its own field for the duration", async () => {
    const { id } = await aContact(test.db);
    const input = { customer_identifier: id, requested_date: "2026-11-24", services };
    const hint = await hintOf(act(test.db, scheduleAppointment, input));
    expect(hint).toMatch(/^Nearest: Screen cleaning \(service_\w+\)\. Or .*duration_estimate_minutes\.$/);
  });

  it("is refused by find_availability with its own field for the duration", async () => {
    const input = availabilityInput.parse({ date: "2026-11-24", services });
    const hint = await hintOf(findAvailability(test.db.manager, input, MONDAY_9));
    expect(hint).toMatch(/Or leave services out and give duration_minutes\.$/);
  });
});
