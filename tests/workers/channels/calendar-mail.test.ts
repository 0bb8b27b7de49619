import type { ParsedMail } from "mailparser";
import { Delivery } from "../../../src/entities/delivery.ts";
import { Message } from "../../../src/entities/message.ts";
import { makeEmail } from "../../../src/workers/channels/email.ts";
import { sendMessage } from "../../../src/workers/channels/message.ts";
import { MONDAY_9, refusal } from "../../support/act.ts";
import { readCalendar } from "../../support/calendar.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { aContact, aTechnician, theSettings, withJob } from "../../support/factories.ts";
import { agent, makePipeline, owner, type Pipeline } from "../../support/pipeline.ts";
import { startMailServer, type TestMailServer } from "../../support/smtp.ts";

let test: TestDatabase;
let smtp: TestMailServer;
let pipeline: Pipeline;
beforeAll(async () => void (test = await testDatabase()));
afterAll(() => test.drop());
beforeEach(async () => {
  await test.clear();
  smtp = await startMailServer();
  await theSettings(test.db);
  await aTechnician(test.db, { name: "Theo" });
  await aContact(test.db, { name: 'Maria "Mia" Garcia', emails: ["maria@example.com"] });
  pipeline = makePipeline(test.db, undefined, { now: MONDAY_9, channels: new Set(["email", "sms"]) });
});
afterEach(async () => {
  await smtp.stop();
});

async function run(action: string, data: object): Promise<Record<string, unknown>> {
  const job = await pipeline.ask(agent, action, data, { reasoning: "The customer asked for it." });
  if (job.status !== "completed") throw new Error(`${action}: ${job.error?.message ?? job.status}`);
  return job.result as Record<string, unknown>;
}

const book = async (more: object = {}): Promise<string> => {
  const { ticket } = await run("workflow.schedule_appointment", {
    ...{ customer_identifier: 'Maria "Mia" Garcia', requested_date: "2026-11-24", requested_time: "09:00" },
    ...more,
  });
  return (ticket as { id: string }).id;
};

const move = (ticket_id: string, new_date: string) =>
  run("workflow.handle_reschedule_request", { ticket_id, new_date });

/** Sends every message that waits, oldest first; returns the mails. */
async function deliver(): Promise<ParsedMail[]> {
  const before = smtp.received.length;
  const email = makeEmail({ url: smtp.url, from: '"Clear View" <office@clear.example>' });
  const parts = { db: test.db, channels: { email }, publicUrl: () => "https://crm.example" };
  const waiting = await test.db
    .getRepository(Delivery)
    .find({ where: { status: "queued" }, order: { id: "ASC" } });
  for (const delivery of waiting) {
    expect(await sendMessage(parts, delivery, new AbortController().signal)).toMatchObject({ kind: "sent" });
    await test.db
      .getRepository(Delivery)
      .update({ id: delivery.id }, { status: "sent", finished_at: new Date() });
    const { message_id } = delivery.payload as { message_id: string };
    await withJob(test.db, (db) => db.update(Message, { id: message_id }, { status: "sent" }));
  }
  return smtp.received.slice(before);
}

/** The calendar files of a mail: the one that clients act on, and the one to save. */
function filesOf(mail: ParsedMail | undefined) {
  const files = (mail?.attachments ?? []).map(({ contentType, filename, content, headers }) => ({
    ...{ contentType, filename, text: content.toString("utf8") },
    parameters: headers.get("content-type") as unknown as { params: Record<string, string> },
  }));
  return files;
}

function calendarOf(mail: ParsedMail | undefined) {
  const [inline, saved] = filesOf(mail);
  if (!inline || !saved) throw new Error("the mail has no calendar");
  expect(saved).toMatchObject({ contentType: "application/ics", filename: "visit.ics", text: inline.text });
  const calendar = readCalendar(inline.text);
  expect(inline.contentType).toBe("text/calendar");
  expect(inline.parameters.params["method"]).toBe(calendar.method);
  const [event] = calendar.events;
  if (!event) throw new Error("the calendar is empty");
  return { ...calendar, event };
}

describe("a mail about a visit", () => {
  it("invites the customer to it", async () => {
    const id = await book();
    const [mail] = await deliver();
    expect(mail?.text).toContain("When: Tuesday, November 24, 2026 at 9:00 AM");
    const { method, organizer, attendees, event } = calendarOf(mail);
    expect({ method, organizer, attendees }).toEqual({
      ...{ method: "REQUEST", organizer: "mailto:office@clear.example" },
      attendees: ["mailto:maria@example.com"],
    });
    expect(event).toMatchObject({
      ...{ uid: `${id}@countersign`, status: "CONFIRMED" },
      ...{ start: new Date("2026-11-24T15:00:00Z"), end: new Date("2026-11-24T16:00:00Z") },
    });
  });

  it("updates the entry when the visit moves, and removes it when it is called off", async () => {
    const id = await book();
    const invited = calendarOf((await deliver())[0]);
    const { new: moved } = await move(id, "2026-11-25");
    const updated = calendarOf((await deliver())[0]);
    expect(updated).toMatchObject({
      ...{ method: "REQUEST", organizer: invited.organizer, attendees: invited.attendees },
      event: { uid: invited.event.uid, start: new Date("2026-11-25T15:00:00Z") },
    });
    const current = (moved as { ticket: { id: string } }).ticket.id;
    await run("ticket.cancel", { id: current, notify_customer: true });
    const [mail] = await deliver();
    expect(mail?.subject).toBe("Cancelled: your appointment on Wednesday, November 25, 2026 at 9:00 AM");
    const removed = calendarOf(mail);
    expect(removed).toMatchObject({
      ...{ method: "CANCEL", organizer: invited.organizer, attendees: invited.attendees },
      event: { uid: invited.event.uid, status: "CANCELLED", start: updated.event.start },
    });
    const sequences = [invited, updated, removed].map(({ event }) => event.sequence);
    expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));
  });

  it("carries the visit's newest state, also where it moved while the mail waited", async () => {
    const id = await book();
    await move(id, "2026-11-26");
    const [confirmation, rescheduled] = (await deliver()).map(calendarOf);
    expect(confirmation?.event).toMatchObject({
      start: new Date("2026-11-26T15:00:00Z"),
      status: "CONFIRMED",
    });
    expect(confirmation?.event).toEqual(rescheduled?.event);
  });

  it("has no file where the visit has no time any more", async () => {
    const id = await book();
    const [message] = await test.db.getRepository(Message).find();
    await withJob(test.db, (db) =>
      db.query(
        "UPDATE ticket SET status = 'unscheduled', window_start = NULL, window_end = NULL WHERE id = $1",
        [id],
      ),
    );
    const [mail] = await deliver();
    expect(mail?.subject).toBe(message?.subject);
    expect(filesOf(mail)).toEqual([]);
  });

  it("has the instants of the visit on both days of a clock change", async () => {
    for (const [requested_date, start] of [
      ["2027-03-14", "2027-03-14T14:00:00Z"],
      ["2027-11-07", "2027-11-07T15:00:00Z"],
    ]) {
      await book({ requested_date, outside_hours: true });
      expect(calendarOf((await deliver())[0]).event.start).toEqual(new Date(start ?? ""));
    }
  });

  it("cannot be made to invite others by what somebody wrote", async () => {
    const evil = 'x"\r\nATTENDEE:mailto:evil@example.com\r\nX:"';
    await theSettings(test.db, { business_name: evil });
    const { id } = await aContact(test.db, { name: evil, emails: ["eve@example.com"] });
    await run("workflow.schedule_appointment", { customer_identifier: id, requested_date: "2026-11-24" });
    const [mail] = await deliver();
    const { attendees, event, components } = calendarOf(mail);
    expect({ attendees, components }).toEqual({
      attendees: ["mailto:eve@example.com"],
      components: ["vevent"],
    });
    expect(event.properties.filter((name) => name === "attendee")).toHaveLength(1);
    expect(event.properties).not.toContain("x");
  });

  it("goes without a file by SMS", async () => {
    const phones = [{ number: "+16085550142", label: "mobile" }];
    const { id } = await aContact(test.db, { phones, preferred_channel: "sms" });
    await run("workflow.schedule_appointment", { customer_identifier: id, requested_date: "2026-11-24" });
    expect(await test.db.getRepository(Message).findOneByOrFail({ customer_id: id })).toMatchObject({
      ...{ channel: "sms", attachments: [] },
    });
  });
});

describe("message.send", () => {
  it("attaches the calendar file of the visit that it is about, and of nothing else", async () => {
    const id = await book({ send_confirmation: false });
    const [{ id: customer_id } = { id: "" }] =
      await test.db.query<{ id: string }[]>("SELECT id FROM contact");
    const send = (data: object) =>
      pipeline.ask(owner, "message.send", { ...{ customer_id, body: "See you." }, ...data });
    expect(await refusal(send({ attachments: ["visit_calendar"] }))).toMatchObject({
      fields: [{ path: "data.attachments", message: "needs the id of the visit in about_id" }],
    });
    await send({ attachments: ["visit_calendar"], about_id: id });
    await send({ about_id: id });
    const [withFile, without] = await deliver();
    expect(calendarOf(withFile).event.uid).toBe(`${id}@countersign`);
    expect(filesOf(without)).toEqual([]);
  });
});
