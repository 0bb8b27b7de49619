import { Message } from "../../src/entities/message.ts";
import { SecurityEvent } from "../../src/entities/security-event.ts";
import { Ticket } from "../../src/entities/ticket.ts";
import { WaitlistEntry } from "../../src/entities/waitlist-entry.ts";
import { rows } from "../../src/database/sql.ts";
import { startApp, type TestApp } from "../support/app.ts";
import { eachBackend } from "../support/backends.ts";
import { aContact, aTicket, aWaitlistEntry } from "../support/factories.ts";

const TUESDAY_10 = new Date("2026-11-24T16:00:00Z");

eachBackend("A customer with a link", (backend) => {
  let app: TestApp;
  let technician_id: string;
  beforeAll(async () => {
    app = await startApp(backend, { clock: TUESDAY_10 });
    const [technician] = await rows<{ id: string }>(app.db.manager, "SELECT id FROM technician");
    technician_id = technician?.id ?? "";
  });
  afterAll(() => app.stop());

  const visit = (token: string, answer?: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(`${app.url}/visit/${token}`, {
      redirect: "manual",
      headers,
      ...(answer && { method: "POST", body: new URLSearchParams(answer) }),
    });
  const pageOf = async (token: string) => (await visit(token)).text();
  const ticketOf = (id: string) => app.db.getRepository(Ticket).findOneByOrFail({ id });
  const entryOf = (id: string) => app.db.getRepository(WaitlistEntry).findOneByOrFail({ id });

  /** A visit at this hour of Thursday, in Chicago. */
  const booked = async (hour: number) => {
    const { id: customer_id } = await aContact(app.db, { name: `Customer of ${hour}` });
    const at = (time: number) => new Date(Date.UTC(2026, 10, 26, time + 6));
    return aTicket(app.db, {
      ...{ customer_id, technician_id, status: "scheduled" },
      ...{
        window_start: at(hour),
        window_end: at(hour + 1),
        line_items: [{ description: "Windows <outside>" }],
      },
    });
  };
  const offeredTo = async (names: readonly string[], window_start: string) => {
    const entries: WaitlistEntry[] = [];
    for (const name of names)
      entries.push(
        await aWaitlistEntry(app.db, {
          customer_id: (await aContact(app.db, { name, emails: [`${name}@example.com`] })).id,
        }),
      );
    const offered = await app.act("waitlist", "offer", { ids: entries.map(({ id }) => id), window_start });
    expect(offered).toMatchObject({ status: "completed" });
    return entries;
  };

  it("sees the visit, and confirms it with the button, not by opening the page", async () => {
    const { id, visit_token } = await booked(9);
    const page = await pageOf(visit_token);
    expect(page).toContain("Thursday, November 26, 2026 at 9:00 AM");
    expect(page).toContain("Windows &lt;outside>");
    expect(page).not.toContain("<script");
    expect((await ticketOf(id)).confirmed_at).toBeNull();
    expect((await visit(visit_token, { answer: "confirm" })).status).toBe(303);
    expect((await ticketOf(id)).confirmed_at).not.toBeNull();
    expect(await pageOf(visit_token)).toContain("you have confirmed this appointment");
  });

  it("asks for another time: a message about the visit, which the office finds", async () => {
    const { id, visit_token, customer_id } = await booked(10);
    expect((await visit(visit_token, { answer: "change", message: " " })).status).toBe(400);
    const wish = { answer: "change", message: "Friday would be better." };
    await Promise.all([visit(visit_token, wish), visit(visit_token, wish)]);
    expect(await app.db.getRepository(Message).countBy({ about_id: id })).toBe(1);
    const message = await app.db.getRepository(Message).findOneByOrFail({ about_id: id });
    expect(message).toMatchObject({ direction: "inbound", customer_id, body: "Friday would be better." });
    const found = await app.agent<{ items: { id: string }[] }>("POST", "/api/query", {
      type: "tickets",
      filters: { change_requested: true },
    });
    expect(found.body.data.items).toMatchObject([{ id }]);
  });

  it("finds behind an old link the visit that took its place", async () => {
    const { id, visit_token } = await booked(11);
    await app.act("ticket", "reschedule", { id, window_start: "2026-11-27T14:00" });
    expect(await pageOf(visit_token)).toContain("Friday, November 27, 2026 at 2:00 PM");
    await visit(visit_token, { answer: "confirm" });
    const successor = await app.db.getRepository(Ticket).findOneByOrFail({ rescheduled_from_id: id });
    expect(successor.confirmed_at).not.toBeNull();
    expect((await ticketOf(id)).confirmed_at).toBeNull();
    const file = await fetch(`${app.url}/visit/${visit_token}/visit.ics`);
    expect(file.headers.get("content-type")).toContain("text/calendar");
    expect(await file.text()).toContain("DTSTART:20261127T200000Z");
  });

  it("gets an offered time where two press at the same moment, and the other reads that it has gone", async () => {
    const entries = await offeredTo(["Anna", "Ben", "Cleo"], "2026-11-27T09:00");
    for (const { offer_token } of entries) expect(await pageOf(offer_token)).toContain("Take this time");
    const [anna, ben] = entries;
    if (!anna || !ben) throw new Error("three were offered the time");
    const pressed = await Promise.all(
      [anna, ben].map(({ offer_token }) => visit(offer_token, { answer: "accept" })),
    );
    expect(pressed.map(({ status }) => status)).toEqual([303, 303]);
    const states = (await Promise.all(entries.map(({ id }) => entryOf(id)))).map(({ state }) => state);
    expect(states.sort()).toEqual(["booked", "waiting", "waiting"]);
    const pages = await Promise.all([anna, ben].map(({ offer_token }) => pageOf(offer_token)));
    expect(pages.filter((page) => page.includes("Your appointment"))).toHaveLength(1);
    expect(pages.filter((page) => page.includes("no longer free"))).toHaveLength(1);
    const winner = [anna, ben][pages.findIndex((page) => page.includes("Your appointment"))];
    const again = { answer: "accept", shown: "offer as it was" };
    expect((await visit(winner?.offer_token ?? "", again)).status).toBe(303);
    const taken = "SELECT count(*)::int AS count FROM ticket WHERE window_start = '2026-11-27T15:00Z'";
    expect(await rows(app.db.manager, taken)).toEqual([{ count: 1 }]);
  });

  it("declines an offer and waits on", async () => {
    const [dora] = await offeredTo(["Dora"], "2026-11-27T11:00");
    await visit(dora?.offer_token ?? "", { answer: "decline" });
    expect(await entryOf(dora?.id ?? "")).toMatchObject({ state: "waiting" });
  });

  it("is nobody with an agent's token or a sign-in, on the page and as an action", async () => {
    const { id, visit_token } = await booked(13);
    const owner = await app.owner();
    const asAgent = { authorization: `Bearer ${app.token}` };
    for (const headers of [asAgent, { authorization: "Bearer cs_wrong" }, { cookie: owner.cookie }])
      expect((await visit(visit_token, { answer: "confirm" }, headers)).status).toBe(403);
    const action = { domain: "ticket", action: "confirm", data: { id } };
    for (const answer of [
      await app.agent("POST", "/api/actions", action),
      await owner.call("POST", "/api/actions", action),
    ])
      expect(answer).toMatchObject({ status: 403, body: { error: { code: "forbidden" } } });
    expect((await ticketOf(id)).confirmed_at).toBeNull();
    expect(
      await app.db.getRepository(SecurityEvent).countBy({ route: "POST /visit/:token" }),
    ).toBeGreaterThan(0);
  });

  it("cannot answer for the visit of somebody else, whatever the form says", async () => {
    const [mine, other] = [await booked(14), await booked(15)];
    await visit(mine.visit_token, { answer: "confirm", id: other.id });
    expect((await ticketOf(mine.id)).confirmed_at).not.toBeNull();
    expect((await ticketOf(other.id)).confirmed_at).toBeNull();
    expect((await visit(mine.visit_token, { answer: "accept" })).status).toBe(303);
    expect((await visit(mine.visit_token, { answer: "cancel" })).status).toBe(400);
  });

  it("answers only for what the page showed", async () => {
    const [entry] = await offeredTo(["Eve"], "2026-11-27T15:00");
    const { id = "", offer_token = "" } = entry ?? {};
    const shown = /name="shown" value="([^"]+)"/.exec(await pageOf(offer_token))?.[1] ?? "";
    await app.act("waitlist", "offer", { ids: [id], window_start: "2026-11-27T16:00" });
    const late = await visit(offer_token, { answer: "accept", shown });
    expect(late.status).toBe(409);
    expect(await late.text()).toContain("Friday, November 27, 2026 at 4:00 PM");
    expect(await entryOf(id)).toMatchObject({ state: "offered" });
  });

  it("keeps its link to itself: an agent reads the messages without it", async () => {
    const [entry] = await offeredTo(["Finn"], "2026-11-30T10:00");
    const { customer_id = "", offer_token = "" } = entry ?? {};
    const filters = { customer_id };
    const read = await app.agent("POST", "/api/query", { type: "messages", filters });
    expect(JSON.stringify(read.body)).toContain("/visit/…");
    expect(JSON.stringify(read.body)).not.toContain(offer_token);
    for (const search of [`/visit/${offer_token[0]}`, offer_token.slice(0, 4)]) {
      const found = await app.agent("POST", "/api/query", { type: "messages", filters, search });
      expect({ search, found: found.body.data }).toMatchObject({ search, found: { items: [], total: 0 } });
    }
    const owner = await app.owner();
    const seen = await owner.call("POST", "/api/query", { type: "messages", filters });
    expect(JSON.stringify(seen.body)).toContain(offer_token);
  });

  it("can answer only so often", async () => {
    const { visit_token } = await booked(12);
    const statuses: number[] = [];
    for (let nth = 0; nth < 22; nth++)
      statuses.push((await visit(visit_token, { answer: "change", message: `Wish ${nth}` })).status);
    expect(statuses.slice(0, 20).every((status) => status === 303)).toBe(true);
    expect(statuses.at(-1)).toBe(429);
  });

  it("is slowed down when guessing links, while known links go on working", async () => {
    const { visit_token } = await booked(16);
    const guess = (at: number) => visit(String(at).padStart(32, "0"));
    const statuses: number[] = [];
    for (let at = 0; at < 100; at++) statuses.push((await guess(at)).status);
    expect(statuses[0]).toBe(404);
    expect(statuses.at(-1)).toBe(429);
    expect(statuses.every((status) => status === 404 || status === 429)).toBe(true);
    expect((await visit(visit_token)).status).toBe(200);
    for (const odd of ["x", "%00", "%F0%9F%92%A9", "a".repeat(5_000)])
      expect((await visit(odd)).status).toBeLessThan(500);
  });
});
