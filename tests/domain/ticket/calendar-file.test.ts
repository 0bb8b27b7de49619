import { visitCalendarFile } from "../../../src/domain/ticket/calendar-file.ts";
import { rescheduleTicket } from "../../../src/domain/ticket/reschedule.ts";
import { updateTicket } from "../../../src/domain/ticket/update.ts";
import { cancelTicket } from "../../../src/domain/ticket/cancel.ts";
import { addLineItem } from "../../../src/domain/ticket/add-line-item.ts";
import type { Ticket } from "../../../src/entities/ticket.ts";
import { act, MONDAY_9 } from "../../support/act.ts";
import { readCalendar, type ReadEvent } from "../../support/calendar.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { aContact, anAddress, aTechnician, aTicket, theSettings } from "../../support/factories.ts";
import { agent, makePipeline, owner } from "../../support/pipeline.ts";

const READ_AT = new Date("2026-11-23T15:00:00Z");

let test: TestDatabase;
beforeAll(async () => {
  test = await testDatabase();
  await theSettings(test.db);
});
afterAll(() => test.drop());

async function fileOf(id: string): Promise<string> {
  const file = await visitCalendarFile(test.db.manager, id, READ_AT);
  if (!file) throw new Error(`${id} has no calendar file`);
  return file.content;
}

async function entryOf(id: string): Promise<ReadEvent> {
  const [event] = readCalendar(await fileOf(id)).events;
  if (!event) throw new Error("no event");
  return event;
}

const booked = async (values: Parameters<typeof aTicket>[1] = {}): Promise<Ticket> =>
  aTicket(test.db, { status: "scheduled", technician_id: (await aTechnician(test.db)).id, ...values });

const move = async (id: string, window_start: string): Promise<string> =>
  String((await act(test.db, rescheduleTicket, { id, window_start })).id);

describe("a visit's calendar file", () => {
  it("says what, where and when", async () => {
    const { id } = await booked({ line_items: [{ description: "Screens" }, { description: "Gutters" }] });
    const { method, events, components } = readCalendar(await fileOf(id));
    expect({ method, components }).toEqual({ method: "PUBLISH", components: ["vevent"] });
    expect(events).toMatchObject([
      {
        ...{ uid: `${id}@countersign`, status: "CONFIRMED" },
        summary: "Screens, Gutters with Clearview Windows",
        location: "12 Elm Street, Madison, WI 53703",
        start: new Date("2026-11-23T21:30:00Z"),
        end: new Date("2026-11-23T22:30:00Z"),
      },
    ]);
  });

  it.each([
    ["before clocks go forward, over the gap", "2027-03-14T07:30:00Z"],
    ["after clocks went forward", "2027-03-14T15:00:00Z"],
    ["in the hour that comes twice, first time", "2026-11-01T06:30:00Z"],
    ["in the hour that comes twice, second time", "2026-11-01T07:30:00Z"],
  ])("has the instants of the visit %s", async (_case, start) => {
    const window_start = new Date(start);
    const window_end = new Date(window_start.getTime() + 90 * 60_000);
    const { id } = await booked({ window_start, window_end });
    expect(await entryOf(id)).toMatchObject({ start: window_start, end: window_end });
  });

  it("keeps the exact times where customers read an arrival window", async () => {
    const { id, window_start } = await booked();
    await theSettings(test.db, { arrival_window_minutes: 120 });
    expect(await entryOf(id)).toMatchObject({ start: window_start });
    await theSettings(test.db, { arrival_window_minutes: 0 });
  });

  it("stays one entry over all moves, with a sequence that grows", async () => {
    const first = await booked();
    const sequences = [(await entryOf(first.id)).sequence];
    const second = await move(first.id, "2026-11-24T10:00");
    const moved = await entryOf(second);
    sequences.push(moved.sequence);
    expect(moved).toMatchObject({ uid: `${first.id}@countersign`, start: new Date("2026-11-24T16:00:00Z") });
    expect(await entryOf(first.id)).toEqual(moved); // Whoever asks for the old visit gets the newest state.
    await act(test.db, updateTicket, { id: second, duration_minutes: 90 });
    sequences.push((await entryOf(second)).sequence);
    const third = await move(second, "2026-11-25T10:00");
    sequences.push((await entryOf(third)).sequence);
    await act(test.db, cancelTicket, { id: third });
    const cancelled = await entryOf(first.id);
    sequences.push(cancelled.sequence);
    expect(cancelled).toMatchObject({ uid: moved.uid, status: "CANCELLED" });
    expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));
  });

  it("grows when a move is undone, and when the visit moves again", async () => {
    const pipeline = makePipeline(test.db, undefined, { now: MONDAY_9 });
    const { id, window_start } = await booked();
    const moveBy = (to: string) => pipeline.ask(agent, "ticket.reschedule", { id, window_start: to });
    const job = await moveBy("2026-11-26T10:00");
    const moved = await entryOf(id);
    await pipeline.ask(owner, "job.undo", { job_id: job.id });
    const back = await entryOf(id);
    expect(back).toMatchObject({ uid: moved.uid, start: window_start });
    expect(back.sequence).toBeGreaterThan(moved.sequence);
    await moveBy("2026-11-27T10:00");
    expect((await entryOf(id)).sequence).toBeGreaterThan(back.sequence);
  });

  it("is stamped with the time of the product's clock", async () => {
    const { id } = await aTicket(test.db, { status: "scheduled" });
    expect(await fileOf(id)).toContain("DTSTAMP:20261123T150000Z");
  });

  it("does not exist for a visit without a time, and for none", async () => {
    const { id } = await aTicket(test.db);
    expect(await visitCalendarFile(test.db.manager, id, READ_AT)).toBeNull();
    expect(await visitCalendarFile(test.db.manager, id.replace(/.$/, "z"), READ_AT)).toBeNull();
  });

  it.each([
    ["line breaks", "Elm\r\nATTENDEE:mailto:evil@example.com\r\nEND:VEVENT\r\nBEGIN:VALARM"],
    ["bare carriage returns", "Elm\rATTENDEE:mailto:evil@example.com"],
    ["bare line feeds", "Elm\nURL:https://evil.example"],
    ["separators", 'Elm; "Street", 5\\n, the 2nd:x'],
    ["control characters", "Elm\u0000\u000b\u0085Street\u007f"],
    ["long lines in other scripts", "Straße des 17. Juni 🏡 ".repeat(12)],
  ])("takes %s in what customers write as text", async (_case, text) => {
    const contact_id = (await aContact(test.db, { name: text.replaceAll("\u0000", "") })).id;
    const { id: address_id } = await anAddress(test.db, {
      contact_id,
      lines: [text.replaceAll("\u0000", "")],
    });
    const { id } = await booked({ customer_id: contact_id, address_id });
    const description = text.slice(0, 150).replaceAll("\u0000", "");
    await act(test.db, addLineItem, { id, description, unit_price_cents: 100 });
    const content = await fileOf(id);
    const { events, components } = readCalendar(content);
    expect(components).toEqual(["vevent"]);
    const [plain] = readCalendar(await fileOf((await booked()).id)).events;
    expect(events[0]?.properties).toEqual(plain?.properties);
    expect(events[0]?.location?.slice(0, 3)).toBe(text.slice(0, 3));
    for (const line of content.split("\r\n")) {
      expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
      expect(line).not.toMatch(/[\p{Cc}]/u);
    }
  });
});
