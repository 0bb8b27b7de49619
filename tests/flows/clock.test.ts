import type { Contact } from "../../src/entities/contact.ts";
import type { Message } from "../../src/entities/message.ts";
import { startApp, type TestApp } from "../support/app.ts";
import { setClock } from "../support/clock.ts";
import { eventually } from "../support/eventually.ts";
import { anInvoice, aTicket } from "../support/factories.ts";
import { startMailServer, type TestMailServer } from "../support/smtp.ts";

/** Before and after the night in which Chicago changes to daylight time, long before and long after today. */
const nights = [
  { evening: "2019-03-09T22:00:00-06:00", morning: "2019-03-10T07:30:00-05:00" },
  { evening: "2031-03-08T22:00:00-06:00", morning: "2031-03-09T07:30:00-05:00" },
];

describe.each(nights)("the product, started with its clock at $evening", ({ evening, morning }) => {
  let app: TestApp;
  let smtp: TestMailServer;
  beforeAll(async () => {
    smtp = await startMailServer();
    const env = {
      SMTP_URL: smtp.url,
      MAIL_FROM: "office@clear.example",
      BUSINESS_TIMEZONE: "America/Chicago",
    };
    app = await startApp({ redisUrl: () => undefined }, { clock: new Date(evening), env });
  });
  afterAll(async () => {
    await app?.stop();
    await smtp.stop();
  });

  it("dates records, sends mail and accepts sessions by that clock, also after it has moved", async () => {
    const owner = await app.owner();
    const customer = (await app.act("contact", "create", { name: "Maria", emails: ["maria@example.com"] }))
      .result as Contact; // A create's result is the record.
    expect(Math.abs(Date.parse(String(customer.created_at)) - Date.parse(evening))).toBeLessThan(600_000);

    const mail = { customer_id: customer.id, subject: "Today", body: "We come at 9." };
    await app.act("message", "send", { ...mail, subject: "Now" });
    const later = await app.act("message", "send", {
      ...mail,
      scheduled_for: `${morning.slice(0, 10)}T07:00`,
    });
    await eventually(() => expect(smtp.received.map(({ subject }) => subject)).toEqual(["Now"]));
    const { id } = later.result as Message; // As above.
    const statusOf = async () =>
      (await app.db.query("SELECT status FROM message WHERE id = $1", [id]))[0].status as string;
    expect(await statusOf()).toBe("queued");

    await setClock(app, new Date(morning));
    await eventually(async () => expect(await statusOf()).toBe("sent"));
    expect(smtp.received.map(({ subject }) => subject)).toEqual(["Now", "Today"]);
    expect((await owner.call("GET", "/api/session")).status).toBe(200);
  });

  it("shows a visit as late and an invoice as overdue once that clock has passed their times", async () => {
    await setClock(app, new Date(evening));
    const night = { window_start: new Date(Date.parse(evening) + 60 * 60_000) };
    const ticket = await aTicket(app.db, { ...night, status: "scheduled" });
    const dates = { issue_date: evening.slice(0, 10), due_date: evening.slice(0, 10) };
    const invoice = await anInvoice(app.db, { ...dates, status: "open" });
    const shown = async () => {
      const read = async (path: string) => (await app.agent<object>("GET", path)).body.data;
      return {
        ticket: await read(`/api/tickets/${ticket.id}`),
        invoice: await read(`/api/invoices/${invoice.id}`),
        overdue: await read("/api/invoices?overdue=true"),
      };
    };
    const expected = (past: boolean) => ({
      ticket: { item: { late: past } },
      invoice: { item: { overdue: past } },
      overdue: { total: past ? 1 : 0 },
    });
    expect(await shown()).toMatchObject(expected(false));
    await setClock(app, new Date(morning));
    expect(await shown()).toMatchObject(expected(true));
  });
});
