import { aMessage, aContact } from "../../support/factories.ts";
import { type Browser, FORM, form, type TestApi, startApi } from "../test-app.ts";

const SECRET = Buffer.alloc(32, 3).toString("base64");
let api: TestApi;
let owner: Browser;
beforeAll(async () => {
  api = await startApi();
  owner = await api.signIn();
});
afterAll(() => api.close());

const put = (body: unknown, who = owner) => api.asPerson(who, "/api/webhook", { method: "PUT", body });
const get = () => api.asPerson(owner, "/api/webhook");

describe("the owner's webhook", () => {
  it("can be set, changed, read and removed; its secret is in no response, page or log", async () => {
    expect((await put({ url: "https://example.com/hook" })).json.error).toMatchObject({
      fields: [{ path: "secret", message: "is missing" }],
    });
    const set = await put({ url: "https://example.com/hook", secret: `whsec_${SECRET}` });
    expect([set.status, set.json.data]).toMatchObject([
      200,
      { url: "https://example.com/hook", allow_private: false },
    ]);
    expect((await put({ url: "https://example.com/other" })).status).toBe(200);
    const page = await api.asPerson(owner, "/settings/webhook");
    expect(page.text).toContain('value="https://example.com/other"');
    for (const { text } of [set, await get(), page]) expect(text).not.toContain(SECRET);
    expect(api.log.join("")).not.toContain(SECRET);
    const removed = await api.asPerson(owner, "/api/webhook", { method: "DELETE" });
    expect(removed.json.data).toMatchObject({ url: null });
  });

  it("can be set and removed on its page, which shows invalid input again", async () => {
    const post = (fields: Record<string, string>) =>
      api.ask("/settings/webhook", {
        method: "POST",
        headers: { cookie: owner.cookie, origin: api.url, ...FORM },
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
  ])("rejects %j", async (body) => {
    expect((await put(body)).status).toBe(400);
  });

  it("is for the owner only: agent and office get 403 on API and page", async () => {
    const body = { url: "https://example.com", secret: SECRET };
    const office = await api.aUser("office");
    for (const method of ["GET", "PUT", "DELETE"]) {
      expect((await api.asAgent("/api/webhook", { method, body })).status).toBe(403);
      expect((await api.asPerson(office, "/api/webhook", { method, body })).status).toBe(403);
    }
    expect((await api.asPerson(office, "/settings/webhook")).status).toBe(403);
    expect((await api.asAgent("/settings/webhook")).status).toBe(403);
    expect((await get()).json.data).toMatchObject({ url: null });
  });
});

describe("the messages page", () => {
  it("shows unsent and failed messages, filters by status, and escapes customer text", async () => {
    const { id: customer_id } = await aContact(api.db, { name: "<script>alert(1)</script>" });
    const body = "<img src=x onerror=alert(1)>\u202e";
    const error = "The connection broke after the mail was handed over: it may have arrived.";
    const failed = await aMessage(api.db, { customer_id, body, status: "failed", error });
    const unsent = await aMessage(api.db, { customer_id, status: "not_sent" });
    const page = await api.asPerson(owner, "/messages");
    expect(page.status).toBe(200);
    expect(page.text).toMatch(/>NOT SENT</);
    expect(page.text).toContain("it may have arrived");
    expect(page.text).toContain("SMTP_URL");
    expect(page.text).toContain("⟨U+202E⟩");
    expect(page.text).not.toMatch(/<script>alert|<img src=x/);
    const filtered = await api.asPerson(owner, "/messages?status=failed");
    expect([filtered.text.includes(failed.id), filtered.text.includes(unsent.id)]).toEqual([true, false]);
    expect((await api.asPerson(owner, "/messages?status=lost")).status).toBe(400);
  });

  it("is for signed-in people only", async () => {
    expect((await api.asAgent("/messages")).status).toBe(403);
    expect((await api.ask("/messages")).status).toBe(303);
  });
});
