import type { TestApp } from "../support/app.ts";
import { startApp } from "../support/app.ts";
import { anyBackend } from "../support/backends.ts";
import { aContact, aTechnician, aTicket, aWaitlistEntry, theSettings } from "../support/factories.ts";
import { connectOverHttp, placeOf, type TestClient } from "../support/mcp-clients.ts";

const zone = "America/Chicago";
const THURSDAY_10 = new Date("2026-01-15T10:00:00-06:00");
const HALF_HOUR_MS = 30 * 60_000;

/** Books a visit of January 2026 at local times, with half an hour of travel after it. */
async function book(
  { db }: TestApp,
  technician_id: string,
  {
    name,
    day,
    from,
    to,
    work = "Windows",
  }: { name: string; day: number; from: string; to: string; work?: string },
) {
  const [starts, ends] = [from, to].map((time) => new Date(`2026-01-${day}T${time}:00-06:00`));
  if (!starts || !ends) throw new Error("two times were given");
  const contact = await aContact(db, { name, emails: [`${name.replace(/\W/g, "")}@example.com`] });
  const busyUntil = new Date(ends.getTime() + HALF_HOUR_MS);
  const ticket = await aTicket(db, {
    during: `[${starts.toISOString()},${busyUntil.toISOString()})`,
    ...{ customer_id: contact.id, technician_id, status: "scheduled" },
    ...{
      window_start: starts,
      window_end: ends,
      duration_minutes: (ends.getTime() - starts.getTime()) / 60_000,
    },
    line_items: [{ description: work }],
  });
  return { contact, ticket };
}

anyBackend('"Mrs. Garcia needs to move her 3:30 to tomorrow afternoon."', (backend) => {
  let app: TestApp;
  let model: TestClient;
  let garcia: Awaited<ReturnType<typeof book>>;
  let waiting: string;
  const call = async (name: string, input: Record<string, unknown>) => {
    const { isError, text, structured } = await model.call(name, input);
    if (isError) throw new Error(text);
    return structured as Record<string, never>;
  };
  beforeAll(async () => {
    app = await startApp(backend, { clock: THURSDAY_10, env: { BUSINESS_TIMEZONE: zone } });
    await theSettings(app.db, { timezone: zone, travel_buffer_minutes: 30 });
    const from8: [string, string] = ["08:00", "19:00"];
    const { id } = await aTechnician(app.db, {
      name: "Theo",
      working_hours: {
        ...{ monday: from8, tuesday: from8, wednesday: from8, thursday: from8, friday: from8 },
        ...{ saturday: null, sunday: null },
      },
    });
    await book(app, id, { name: "Early Bird", day: 15, from: "09:00", to: "12:00" });
    await book(app, id, { name: "Smith Dental", day: 15, from: "13:00", to: "15:00" });
    garcia = await book(app, id, {
      name: "Maria Garcia",
      day: 15,
      from: "15:30",
      to: "16:30",
      work: "Screen cleaning",
    });
    await book(app, id, { name: "Park Place", day: 15, from: "17:00", to: "19:00" });
    await book(app, id, { name: "Somebody Else", day: 16, from: "12:00", to: "13:30" });
    const contact = await aContact(app.db, { name: "Wanda Waits" });
    waiting = (await aWaitlistEntry(app.db, { customer_id: contact.id, times: ["afternoon"] })).id;
    await aWaitlistEntry(app.db, { days: ["thursday"] });
    await aWaitlistEntry(app.db, { days: ["monday"] });
    model = await connectOverHttp(placeOf(app));
  });
  afterAll(async () => {
    await model?.close();
    await app?.stop();
  });

  it("finds the visit, moves it, and tells of the gap and who waits", async () => {
    const { items } = await call("crm_query", {
      type: "tickets",
      filters: { date: "today", search: "Garcia" },
    });
    expect(items).toMatchObject([{ id: garcia.ticket.id }]);

    const job = await call("handle_reschedule_request", {
      ticket_id: garcia.ticket.id,
      new_date: "tomorrow",
      new_time: "afternoon",
      reason: "Customer request - scheduling conflict",
    });
    expect(job).toMatchObject({
      status: "completed",
      result: {
        old: {
          when: { local: "Thursday, January 15, 2026 at 3:30 PM", zone },
          services: [{ description: "Screen cleaning" }],
        },
        new: {
          when: {
            local: "Friday, January 16, 2026 at 2:00 PM",
            weekday: "Friday",
            start: "2026-01-16T20:00:00.000Z",
          },
          services: [{ description: "Screen cleaning" }],
          technician: { name: "Theo" },
        },
        customer: { id: garcia.contact.id, name: "Maria Garcia" },
        confirmation: { status: "not_sent", channel: "email", to: "MariaGarcia@example.com" },
        gap: {
          ...{ from: "2026-01-15T21:30:00.000Z", to: "2026-01-15T23:00:00.000Z", minutes: 90 },
          ...{ local: "Thursday 3:30 PM–5:00 PM", before: { customer: "Smith Dental" } },
          after: { customer: "Park Place" },
        },
        waitlist: { count: 2, best: [{ id: waiting, customer: "Wanda Waits" }, {}] },
      },
    });
  });
});
