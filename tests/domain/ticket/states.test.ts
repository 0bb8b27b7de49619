import { z } from "zod";
import type { ActionDefinition } from "../../../src/domain/core/action.ts";
import { cancelTicket } from "../../../src/domain/ticket/cancel.ts";
import { completeTicket } from "../../../src/domain/ticket/complete.ts";
import { startTicket } from "../../../src/domain/ticket/start.ts";
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

/** What spec and page know of a visit's life: action, from, to. Every other way is refused. */
const LIFE: [string, ActionDefinition<z.ZodType, Record<string, unknown>>, TicketStatus[], TicketStatus][] = [
  ["start", startTicket, ["unscheduled", "scheduled"], "in_progress"],
  ["complete", completeTicket, ["in_progress"], "completed"],
  ["cancel", cancelTicket, ["unscheduled", "scheduled"], "cancelled"],
];

const ways = LIFE.flatMap(([name, action, from, to]) =>
  TICKET_STATUSES.map((status) => ({ name, action, status, to: from.includes(status) ? to : null })),
);

describe("a visit's life", () => {
  it.each(ways.filter(({ to }) => to))("$name leads from $status to $to", async ({ action, status, to }) => {
    const { id } = await aTicket(test.db, { status });
    expect(await act(test.db, action, { id })).toMatchObject({ id, status: to, version: 2, line_items: [] });
  });

  it.each(ways.filter(({ to }) => !to))("$name is refused from $status", async ({ action, status }) => {
    const { id } = await aTicket(test.db, { status });
    expect(await refusal(act(test.db, action, { id }))).toMatchObject({
      code: "invalid_state",
      state: status,
    });
  });

  it("names what is allowed instead, and where it leads", async () => {
    const scheduled = await aTicket(test.db, { status: "scheduled" });
    const error = await refusal(act(test.db, completeTicket, { id: scheduled.id }));
    expect(error.message).toBe("A ticket that is scheduled cannot be completed.");
    expect(error["allowed"]).toEqual(["start (in_progress)", "cancel (cancelled)"]);
    expect(error.hint).toContain("start (in_progress), cancel (cancelled)");
  });

  it("keeps when the work began and ended", async () => {
    const { id } = await aTicket(test.db);
    const later = new Date(MONDAY_9.getTime() + 3_600_000);
    await act(test.db, startTicket, { id });
    const ticket = await act(test.db, completeTicket, { id }, later);
    expect(instant(ticket["actual_start"])).toEqual(MONDAY_9);
    expect(instant(ticket["actual_end"])).toEqual(later);
  });

  it("frees the time of a cancelled visit and keeps the reason", async () => {
    const { id: technician_id } = await aTechnician(test.db);
    const { id } = await aTicket(test.db, { status: "scheduled", technician_id });
    expect(await act(test.db, cancelTicket, { id, reason: "Away" })).toMatchObject({ cancel_reason: "Away" });
    await expect(aTicket(test.db, { status: "scheduled", technician_id })).resolves.toMatchObject({
      technician_id,
    });
  });
});
