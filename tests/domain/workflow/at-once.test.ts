import { createTicket } from "../../../src/domain/ticket/create.ts";
import { handleRescheduleRequest } from "../../../src/domain/workflow/handle-reschedule-request.ts";
import { scheduleAppointment } from "../../../src/domain/workflow/schedule-appointment.ts";
import { act, asQueued } from "../../support/act.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { aContact, aTechnician, aTicket, theSettings } from "../../support/factories.ts";

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
  await theSettings(test.db);
});
afterAll(() => test.drop());

describe("bookings, moves and new visits of the same customers at once", () => {
  it("are done or refused, without a deadlock and without a double booking", async () => {
    const technicians = await Promise.all(["Ana", "Bo", "Cy"].map((name) => aTechnician(test.db, { name })));
    const asked: Promise<unknown>[] = [];
    for (let nth = 0; nth < 8; nth++) {
      const { id: customer_id } = await aContact(test.db, { name: `Customer ${nth}` });
      const technician_id = technicians[nth % 3]?.id ?? "";
      const starts = new Date(Date.UTC(2026, 10, 25, 14 + Math.floor(nth / 3)));
      const visit = await aTicket(test.db, {
        ...{ customer_id, technician_id, status: "scheduled", window_start: starts },
        window_end: new Date(starts.getTime() + 3_600_000),
      });
      asked.push(
        ...[
          () => act(test.db, handleRescheduleRequest, { ticket_id: visit.id, new_date: "2026-11-24" }),
          () =>
            act(test.db, scheduleAppointment, {
              ...{ customer_identifier: customer_id, requested_date: "2026-11-24" },
              ...{ requested_time: "08:00-12:00", allow_duplicate: true },
            }),
          () => act(test.db, createTicket, { customer_id, technician_id, window_start: "2026-11-24T15:00" }),
        ].map((call) => asQueued<unknown>(call)),
      );
    }
    const ends = await Promise.allSettled(asked);
    for (const end of ends)
      if (end.status === "rejected") expect(end.reason).toMatchObject({ code: "conflict" });
    // Three technicians have 27 hours that day for 24 calls, so not even the moves can all be refused.
    expect(ends.filter(({ status }) => status === "fulfilled").length).toBeGreaterThanOrEqual(8);
    const overlapping = await test.db.query(
      `SELECT one.id FROM ticket one JOIN ticket other ON one.technician_id = other.technician_id
       WHERE one.id < other.id AND one.during && other.during
         AND one.status = 'scheduled' AND other.status = 'scheduled'`,
    );
    expect(overlapping).toEqual([]);
  });
});
