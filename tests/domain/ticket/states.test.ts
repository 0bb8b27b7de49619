import { z } from "zod";
import type { ActionDefinition } from "../../../src/domain/core/action.ts";
import { cancelTicket } from "../../../src/domain/ticket/cancel.ts";
import { completeTicket } from "../../../src/domain/ticket/complete.ts";
import { noShowTicket } from "../../../src/domain/ticket/no-show.ts";
import { reopenTicket } from "../../../src/domain/ticket/reopen.ts";
import { scheduleTicket } from "../../../src/domain/ticket/schedule.ts";
import { startTicket } from "../../../src/domain/ticket/start.ts";
import { TRANSITIONS } from "../../../src/domain/ticket/states.ts";
import { TICKET_STATUSES, type TicketStatus } from "../../../src/entities/ticket.ts";
import { act, MONDAY_9, refusal } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aTechnician, aTicket, theSettings } from "../../support/factories.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
  await theSettings(test.db);
});
afterAll(() => test.drop());

const instant = (value: unknown) => new Date(String(value));

type Allowed = [string, ActionDefinition<z.ZodType, Record<string, unknown>>, TicketStatus[], TicketStatus];

/** Allowed transitions: action, from, to. Every other one is refused. */
const ALLOWED: Allowed[] = [
  ["schedule", scheduleTicket, ["unscheduled"], "scheduled"],
  ["start", startTicket, ["unscheduled", "scheduled"], "in_progress"],
  ["complete", completeTicket, ["in_progress"], "completed"],
  ["cancel", cancelTicket, ["unscheduled", "scheduled"], "cancelled"],
  ["no_show", noShowTicket, ["unscheduled", "scheduled"], "no_show"],
  ["reopen", reopenTicket, ["completed"], "scheduled"],
];

const cases = ALLOWED.flatMap(([name, action, from, to]) =>
  TICKET_STATUSES.map((status) => ({ name, action, status, to: from.includes(status) ? to : null })),
);

/** Input that the action requires besides the id. */
async function otherInput(name: string) {
  if (name !== "schedule") return {};
  return { window_start: "2026-11-24T10:00", technician_id: (await aTechnician(test.db)).id };
}

describe("the status of a visit", () => {
  it("has every transition of TRANSITIONS in this table", () => {
    // reschedule.test.ts has the one that leaves a successor.
    expect([...ALLOWED.map(([name]) => name), "reschedule"].sort()).toEqual(Object.keys(TRANSITIONS).sort());
  });

  it.each(cases.filter(({ to }) => to))(
    "changes from $status to $to by $name",
    async ({ name, action, status, to }) => {
      const { id } = await aTicket(test.db, { status });
      const ticket = await act(test.db, action, { id, ...(await otherInput(name)) });
      expect(ticket).toMatchObject({ id, status: to, version: 2, line_items: [] });
    },
  );

  it.each(cases.filter(({ to }) => !to))(
    "does not change from $status by $name",
    async ({ name, action, status }) => {
      const { id } = await aTicket(test.db, { status });
      const error = await refusal(act(test.db, action, { id, ...(await otherInput(name)) }));
      expect(error).toMatchObject({ code: "invalid_state", state: status });
    },
  );

  it("lists the allowed actions and their resulting status in the error", async () => {
    const scheduled = await aTicket(test.db, { status: "scheduled" });
    const error = await refusal(act(test.db, completeTicket, { id: scheduled.id }));
    expect(error.message).toBe("A ticket that is scheduled cannot be completed.");
    const allowed = [
      "start (in_progress)",
      "reschedule (cancelled)",
      "cancel (cancelled)",
      "no_show (no_show)",
    ];
    expect(error["allowed"]).toEqual(allowed);
    expect(error.hint).toContain(allowed.join(", "));
  });

  it("stores the actual start and end", async () => {
    const { id } = await aTicket(test.db);
    const later = new Date(MONDAY_9.getTime() + 3_600_000);
    await act(test.db, startTicket, { id });
    const ticket = await act(test.db, completeTicket, { id }, later);
    expect(instant(ticket["actual_start"])).toEqual(MONDAY_9);
    expect(instant(ticket["actual_end"])).toEqual(later);
  });

  it.each([
    ["cancelled", cancelTicket],
    ["missed", noShowTicket],
  ])("frees the time of a visit that is %s and stores the reason", async (_what, action) => {
    const { id: technician_id } = await aTechnician(test.db);
    const { id } = await aTicket(test.db, { status: "scheduled", technician_id });
    expect(await act(test.db, action, { id, reason: "Away" })).toMatchObject({ cancel_reason: "Away" });
    await expect(aTicket(test.db, { status: "scheduled", technician_id })).resolves.toMatchObject({
      technician_id,
    });
  });
});
