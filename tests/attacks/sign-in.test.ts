import { createOwner } from "../../src/identity/accounts.ts";
import { type Answer, cookieOf, csrfIn, FORM, form, OWNER, startApi, type TestApi } from "../api/test-app.ts";

interface From {
  /** X-Forwarded-For, as a reverse proxy or a liar sends it. */
  forwarded?: string;
  /** Further cookies. */
  cookie?: string;
}

let api: TestApi;

async function signIn(
  email: string,
  password: string,
  { forwarded, cookie = "" }: From = {},
): Promise<Answer> {
  const page = await api.ask("/login");
  return api.ask("/login", {
    method: "POST",
    headers: {
      ...FORM,
      cookie: `${cookieOf(page, "cs_login")}; ${cookie}`,
      ...(forwarded !== undefined && { "x-forwarded-for": forwarded }),
    },
    body: form({ _csrf: csrfIn(page), email, password }),
  });
}
const guess = (email: string, from?: From) => signIn(email, "a wrong guess", from);
const own = (from?: From) => signIn(OWNER.email, OWNER.password, from);

async function statuses(count: number, one: (n: number) => Promise<Answer>): Promise<number[]> {
  const seen = [];
  for (let n = 0; n < count; n++) seen.push((await one(n)).status);
  return seen;
}
const times = <Value>(count: number, value: Value): Value[] => Array.from({ length: count }, () => value);

/** `cs_device_…=…` of a browser in which this user signed in. */
const deviceOf = ({ headers }: Answer): string =>
  headers["set-cookie"]?.find((line) => line.startsWith("cs_device_"))?.split(";")[0] ?? "";

describe("signing in behind a proxy of TRUST_PROXY", () => {
  beforeAll(async () => {
    api = await startApi({ trustProxy: ["127.0.0.1"] });
  });
  afterAll(() => api.close());

  it("works for the owner after ten wrong passwords from elsewhere, and the audit names where", async () => {
    const stranger = { forwarded: "198.51.100.66" };
    expect(await statuses(11, () => guess(OWNER.email, stranger))).toEqual([...times(10, 401), 429]);
    expect((await own({ forwarded: "203.0.113.9" })).status).toBe(303);
    const events = (await api.events()).filter(({ route }) => route === "POST /login");
    expect(new Set(events.map(({ ip }) => ip))).toEqual(new Set(["198.51.100.66"]));
    expect(events.at(-1)?.reason).toContain("10 sign-ins in 15 minutes per e-mail and address");
  });

  it("believes only what the proxy itself added, and no word that is not an address", async () => {
    await guess("liar@example.com", { forwarded: "203.0.113.1, 198.51.100.7" });
    await guess("liar@example.com", { forwarded: "<script>" });
    await guess("liar@example.com", { forwarded: "198.51.100.8:4711" });
    const addresses = (await api.events()).slice(-3).map(({ ip }) => ip);
    expect(addresses).toEqual(["198.51.100.7", "127.0.0.1", "198.51.100.8"]);
  });

  it("counts the addresses of one IPv6 network together", async () => {
    const seen = await statuses(11, (n) => guess("v6@example.com", { forwarded: `2001:db8:1:2::${n + 1}` }));
    expect(seen).toEqual([...times(10, 401), 429]);
    expect((await guess("v6@example.com", { forwarded: "2001:db8:1:3::1" })).status).toBe(401);
  });

  it("is limited for guesses from many addresses, but not for a browser that the owner has used", async () => {
    const device = deviceOf(await own({ forwarded: "203.0.113.9" }));
    await api.db.query("DELETE FROM attempt_count");
    const seen = await statuses(31, (n) => guess(OWNER.email, { forwarded: `198.51.100.${n + 100}` }));
    expect(seen).toEqual([...times(30, 401), 429]);
    const stopped = await guess(OWNER.email, { forwarded: "198.51.100.200" });
    expect(stopped.status).toBe(429);
    expect(stopped.text).toContain("30 sign-ins in 1 hour per e-mail");
    expect(Number(stopped.headers["retry-after"])).toBeGreaterThan(60);
    expect((await own({ forwarded: "192.0.2.1" })).status).toBe(429);
    expect((await own({ forwarded: "192.0.2.1", cookie: device })).status).toBe(303);
  });
});

describe("signing in without TRUST_PROXY", () => {
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.close());

  it("is limited as before by a caller who forges X-Forwarded-For", async () => {
    const forged = (n: number) => ({ forwarded: `203.0.113.${n + 1}` });
    expect(await statuses(11, (n) => guess("forged@example.com", forged(n)))).toEqual([
      ...times(10, 401),
      429,
    ]);
    const events = (await api.events()).filter(({ route }) => route === "POST /login");
    expect(new Set(events.map(({ ip }) => ip))).toEqual(new Set(["127.0.0.1"]));
  });

  it("works in the owner's browser when a stranger behind the same proxy has used up the limit", async () => {
    const device = deviceOf(await own());
    expect(device).toMatch(/^cs_device_[0-9a-f]{12}=/);
    expect((await statuses(11, () => guess(OWNER.email))).at(-1)).toBe(429);
    expect((await own()).status).toBe(429);
    expect((await own({ cookie: device })).status).toBe(303);
  });

  it("gives a known browser ten attempts of its own, and none to its copy for another user", async () => {
    await createOwner(api.db, { email: "second@example.com", password: "their password", name: "Second" });
    const device = deviceOf(await signIn("second@example.com", "their password"));
    const [name = "", value = ""] = device.split("=");
    expect((await statuses(11, () => guess("second@example.com"))).at(-1)).toBe(429);
    const known = await statuses(11, () => guess("second@example.com", { cookie: device }));
    expect(known).toEqual([...times(10, 401), 429]);

    await api.db.query("DELETE FROM attempt_count");
    const [owners = ""] = deviceOf(await own()).split("=");
    expect(owners).not.toBe(name);
    expect((await statuses(11, () => guess(OWNER.email))).at(-1)).toBe(429);
    expect((await own({ cookie: `${owners}=${value}` })).status).toBe(429);
  });

  it("is possible again in the browser that opened a password link", async () => {
    await api.db.query("DELETE FROM attempt_count");
    const owner = await api.signIn();
    const { json } = await api.asPerson(owner, "/api/users");
    const users = json.data?.items as { id: string; email: string }[];
    const { id = "" } = users.find(({ email }) => email === "second@example.com") ?? {};
    const link = await api.asPerson(owner, `/api/users/${id}/invitation`, { method: "POST" });
    const path = new URL(String(link.json.data?.url)).pathname;
    expect((await statuses(11, () => guess("second@example.com"))).at(-1)).toBe(429);
    const password = "another password of theirs";
    const set = await api.ask(path, { method: "POST", headers: FORM, body: form({ password }) });
    expect((await signIn("second@example.com", password)).status).toBe(429);
    expect((await signIn("second@example.com", password, { cookie: deviceOf(set) })).status).toBe(303);
  });
});
