import { rows } from "../../src/database/sql.ts";
import { addMinutes } from "../../src/domain/core/time.ts";
import { Technician } from "../../src/entities/technician.ts";
import { Ticket } from "../../src/entities/ticket.ts";
import { readCalendar, type ReadEvent } from "../support/calendar.ts";
import { aContact, anAddress, aTechnician, aTicket, withJob } from "../support/factories.ts";
import { type Browser, startApi, type TestApi } from "./test-app.ts";

let api: TestApi;
let owner: Browser;
beforeAll(async () => {
  api = await startApi();
  owner = await api.signIn();
});
afterAll(() => api.close());

const DAY = 24 * 60;
/** Whole minutes: iCalendar has no milliseconds. */
const inDays = (days: number): Date => addMinutes(new Date(new Date().setUTCSeconds(0, 0)), days * DAY);

async function act(key: string, data: object): Promise<Record<string, unknown>> {
  const [domain, action] = key.split(".");
  const headers = { prefer: "wait=20" };
  const body = { domain, action, data };
  const answer = await api.asPerson(owner, "/api/actions", { method: "POST", headers, body });
  if (answer.json.data?.["status"] !== "completed") throw new Error(answer.text);
  return answer.json.data["result"] as Record<string, unknown>;
}

/** Makes a link; returns its path. */
async function linkOf(id: string): Promise<string> {
  const { link } = await act("technician.calendar_link", { id });
  expect(link).toMatch(/^http:\/\/localhost:\d+\/calendar\/[\w-]{43}\.ics$/);
  return new URL(String(link)).pathname;
}

async function eventsAt(path: string): Promise<ReadEvent[]> {
  const { status, text } = await api.ask(path);
  expect(status).toBe(200);
  return readCalendar(text).events;
}

let visits = 0;
/** A visit of one hour at some minute of that day, so that no two overlap. */
const aVisit = (technician_id: string, days: number, values: Parameters<typeof aTicket>[1] = {}) => {
  const window_start = addMinutes(inDays(days), 61 * ++visits);
  return aTicket(api.db, { status: "scheduled", technician_id, window_start, ...values });
};

describe("GET /calendar/{token}.ics", () => {
  it("lists the technician's visits as an independent parser reads them", async () => {
    const { id: theo } = await aTechnician(api.db, { name: "Theo;\r\nX-EVIL:1, 2\\n" });
    const contact_id = (await aContact(api.db, { name: "Maria Garcia" })).id;
    const { id: address_id } = await anAddress(api.db, { contact_id });
    const where = { customer_id: contact_id, address_id };
    const soon = await aVisit(theo, 1, { ...where, line_items: [{ description: "Screens" }] });
    const done = await aVisit(theo, -29, { status: "completed" });
    await aVisit(theo, -32, { status: "completed" });
    await aVisit((await aTechnician(api.db)).id, 1);
    const answer = await api.ask(await linkOf(theo));
    expect(answer.headers).toMatchObject({
      ...{ "content-type": "text/calendar; charset=utf-8", "cache-control": "private, max-age=300" },
    });
    const { method, name, events, components } = readCalendar(answer.text);
    // ical.js leaves the escapes in a name as they are.
    expect({ method, name, components }).toEqual({
      ...{ method: "PUBLISH", name: String.raw`Visits: Theo\; X-EVIL:1\, 2\\n` },
      components: ["vevent", "vevent"],
    });
    expect(events).toMatchObject([
      { uid: `${done.id}@countersign`, start: done.window_start, status: "CONFIRMED" },
      {
        ...{ uid: `${soon.id}@countersign`, start: soon.window_start, end: soon.window_end },
        ...{ summary: "Maria Garcia: Screens", location: "12 Elm Street, Madison, WI 53703" },
      },
    ]);
  });

  it("has one entry for a visit that was moved, and one that is called off", async () => {
    const { id: theo } = await aTechnician(api.db);
    const first = await aVisit(theo, 3, { status: "cancelled" });
    const second = await aVisit(theo, 4, { rescheduled_from_id: first.id });
    const off = await aVisit(theo, 5, { status: "cancelled" });
    await aVisit(theo, 6, { status: "no_show" });
    const long = await aVisit(theo, 7, { status: "cancelled" });
    const changedAt = (id: string, updated_at: Date) =>
      withJob(api.db, (db) => db.update(Ticket, { id }, { updated_at }));
    await changedAt(off.id, inDays(-29));
    await changedAt(long.id, inDays(-31));
    expect(await eventsAt(await linkOf(theo))).toMatchObject([
      { uid: `${first.id}@countersign`, start: second.window_start, status: "CONFIRMED" },
      { uid: `${off.id}@countersign`, start: off.window_start, status: "CANCELLED" },
    ]);
  });

  it("ends with a new link, with its revocation, and with the technician", async () => {
    const { id } = await aTechnician(api.db);
    const status = async (path: string) => (await api.ask(path)).status;
    const first = await linkOf(id);
    const second = await linkOf(id);
    expect([await status(first), await status(second)]).toEqual([404, 200]);
    expect(await act("technician.calendar_link", { id, revoke: true })).toEqual({ id, link: null });
    expect(await status(second)).toBe(404);
    const third = await linkOf(id);
    await withJob(api.db, (db) => db.update(Technician, { id }, { active: false }));
    expect(await status(third)).toBe(404);
    await withJob(api.db, (db) => db.update(Technician, { id }, { active: true }));
    expect(await status(third)).toBe(200);
    await act("technician.archive", { id });
    await act("technician.update", { id, active: true });
    expect(await status(third)).toBe(404);
  });

  it("gives no link to an archived technician, and none to an agent", async () => {
    const { id } = await aTechnician(api.db, { name: "Theo", active: false });
    await expect(linkOf(id)).rejects.toThrow(/Restore the technician first.*Theo is archived/);
    const body = { domain: "technician", action: "calendar_link", data: { id } };
    expect((await api.asAgent("/api/actions", { method: "POST", body })).status).toBe(403);
  });

  it("stores and logs no secret, and shows no hash in records", async () => {
    const { id } = await aTechnician(api.db);
    const path = await linkOf(id);
    await api.ask(path);
    await api.ask(path.replace(/.{5}\.ics$/, "wrong.ics"));
    const secret = path.slice("/calendar/".length, -".ics".length);
    expect(api.log.join("\n")).toContain("/calendar/:token.ics");
    expect(api.log.join("\n")).not.toContain(secret.slice(0, 38));
    const stored = (table: string) =>
      rows<{ n: number }>(
        api.db.manager,
        `SELECT count(*)::integer AS n FROM ${table} t WHERE to_jsonb(t)::text LIKE $1`,
        [`%${secret}%`],
      );
    for (const table of ["calendar_link", "technician", "change", "delivery", "security_event"])
      expect([table, await stored(table)]).toEqual([table, [{ n: 0 }]]);
    const technician = await api.asPerson(owner, `/api/technicians/${id}`);
    expect(technician.text).not.toMatch(/token|calendar/);
    const events = await api.events();
    expect(events.at(-1)).toMatchObject({ route: "GET /calendar/:token.ics", principal: "anonymous" });
  });

  it("slows guesses down, and answers the right link all the same", async () => {
    const path = await linkOf((await aTechnician(api.db)).id);
    const statuses: number[] = [];
    const guess = async (nth: number) => {
      const guessed = `/calendar/${String(nth).padStart(43, "x")}.ics`;
      statuses.push((await api.ask(guessed)).status);
    };
    for (let nth = 0; nth < 100; nth += 20)
      await Promise.all(Array.from({ length: 20 }, (_, at) => guess(nth + at)));
    expect(new Set(statuses)).toEqual(new Set([404, 429]));
    expect(statuses.filter((status) => status === 404).length).toBeLessThanOrEqual(60);
    const refused = await api.ask("/calendar/short.ics");
    expect(refused.status).toBe(429);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(60);
    expect((await api.ask(path)).status).toBe(200);
  });
});
