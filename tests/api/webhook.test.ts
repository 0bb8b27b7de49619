import { aMessage, aContact } from "../support/factories.ts";
import { type Browser, FORM, form, type FrontDoor, openFrontDoor } from "./front-door.ts";

const SECRET = Buffer.alloc(32, 3).toString("base64");
let door: FrontDoor;
let owner: Browser;
beforeAll(async () => {
  door = await openFrontDoor();
  owner = await door.signIn();
});
afterAll(() => door.close());

const put = (body: unknown, who = owner) => door.asPerson(who, "/api/webhook", { method: "PUT", body });
const get = () => door.asPerson(owner, "/api/webhook");

describe("the owner's webhook", () => {
  it("is set, kept, read and taken away; its secret is shown to nobody", async () => {
    expect((await put({ url: "https://example.com/hook" })).json.error).toMatchObject({
      fields: [{ path: "secret", message: "is missing" }],
    });
    const set = await put({ url: "https://example.com/hook", secret: `whsec_${SECRET}` });
    expect([set.status, set.json.data]).toMatchObject([
      200,
      { url: "https://example.com/hook", allow_private: false },
    ]);
    expect((await put({ url: "https://example.com/other" })).status).toBe(200);
    const page = await door.asPerson(owner, "/settings/webhook");
    expect(page.text).toContain('value="https://example.com/other"');
    for (const { text } of [set, await get(), page]) expect(text).not.toContain(SECRET);
    expect(door.log.join("")).not.toContain(SECRET);
    const gone = await door.asPerson(owner, "/api/webhook", { method: "DELETE" });
    expect(gone.json.data).toMatchObject({ url: null });
  });

  it("is set on its page too, which shows what does not fit", async () => {
    const post = (fields: Record<string, string>) =>
      door.ask("/settings/webhook", {
        method: "POST",
        headers: { cookie: owner.cookie, origin: door.url, ...FORM },
        body: form({ _csrf: owner.csrf, ...fields }),
      });
    const bad = await post({ url: "ftp://example.com", secret: SECRET });
    expect(bad.status).toBe(400);
    expect(bad.text).toContain('value="ftp://example.com"');
    expect((await post({ url: "https://example.com/form", secret: SECRET })).status).toBe(303);
    expect((await get()).json.data).toMatchObject({ url: "https://example.com/form" });
    expect((await post({ remove: "yes" })).status).toBe(303);
    expect((await get()).json.data).toMatchObject({ url: null });
  });

  it.each([
    { url: "ftp://example.com", secret: SECRET },
    { url: "https://me:secret@example.com", secret: SECRET },
    { url: "https://example.com", secret: "short" },
    { url: "https://example.com", secret: SECRET, more: 1 },
  ])("refuses %j", async (body) => {
    expect((await put(body)).status).toBe(400);
  });

  it("is for the owner only: no agent, no office, no page", async () => {
    const body = { url: "https://example.com", secret: SECRET };
    const office = await door.aUser("office");
    for (const method of ["GET", "PUT", "DELETE"]) {
      expect((await door.asAgent("/api/webhook", { method, body })).status).toBe(403);
      expect((await door.asPerson(office, "/api/webhook", { method, body })).status).toBe(403);
    }
    expect((await door.asPerson(office, "/settings/webhook")).status).toBe(403);
    expect((await door.asAgent("/settings/webhook")).status).toBe(403);
    expect((await get()).json.data).toMatchObject({ url: null });
  });
});

describe("the outbox page", () => {
  it("shows what was sent and what was not, with a customer's words inert", async () => {
    const { id: customer_id } = await aContact(door.db, { name: "<script>alert(1)</script>" });
    const body = "<img src=x onerror=alert(1)>\u202e";
    const error = "The connection broke after the mail was handed over: it may have arrived.";
    const failed = await aMessage(door.db, { customer_id, body, status: "failed", error });
    const kept = await aMessage(door.db, { customer_id, status: "not_sent" });
    const page = await door.asPerson(owner, "/messages");
    expect(page.status).toBe(200);
    expect(page.text).toMatch(/>NOT SENT</);
    expect(page.text).toContain("it may have arrived");
    expect(page.text).toContain("SMTP_URL");
    expect(page.text).toContain("⟨U+202E⟩");
    expect(page.text).not.toMatch(/<script>alert|<img src=x/);
    const some = await door.asPerson(owner, "/messages?status=failed");
    expect([some.text.includes(failed.id), some.text.includes(kept.id)]).toEqual([true, false]);
    expect((await door.asPerson(owner, "/messages?status=lost")).status).toBe(400);
  });

  it("is for people only", async () => {
    expect((await door.asAgent("/messages")).status).toBe(403);
    expect((await door.ask("/messages")).status).toBe(303);
  });
});
