import { browserName } from "../../../src/api/console/account/page.tsx";
import { KnownDevice } from "../../../src/entities/known-device.ts";
import { Session } from "../../../src/entities/session.ts";
import { type Browser, cookieOf, csrfIn, FORM, form, OWNER, startApi, type TestApi } from "../test-app.ts";

const CHROME =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());
beforeEach(() => api.db.query("DELETE FROM session"));

const post = ({ cookie, csrf }: Browser, path: string) =>
  api.ask(path, { method: "POST", headers: { ...FORM, cookie }, body: form({ _csrf: csrf }) });
const isSignedIn = async (browser: Browser) => (await api.asPerson(browser, "/api/session")).status === 200;
/** Ids of the sessions that the page offers to end. */
const offered = (text: string) =>
  [...text.matchAll(/\/account\/sessions\/(session_\w+)\/end"/g)].map(([, id]) => id);

describe("the account page", () => {
  it("shows where one is signed in, this session apart", async () => {
    const page = await api.ask("/login");
    await api.ask("/login", {
      method: "POST",
      headers: { ...FORM, cookie: cookieOf(page, "cs_login"), "user-agent": CHROME },
      body: form({ email: OWNER.email, password: OWNER.password, _csrf: csrfIn(page) }),
    });
    const here = await api.signIn();
    const { status, text } = await api.asPerson(here, "/account");
    expect(status).toBe(200);
    expect(text).toContain(OWNER.email);
    expect(text).toContain("Chrome on Linux");
    expect(text).toContain("127.0.0.1");
    expect(text.match(/This session/g)).toHaveLength(1);
    expect(offered(text)).toHaveLength(1);
    expect(text).toContain('href="/account"');
  });

  it("ends another session of one's own, which is refused at once", async () => {
    const [here, there] = [await api.signIn(), await api.signIn()];
    const [id] = offered((await api.asPerson(here, "/account")).text);
    expect(await post(here, `/account/sessions/${id}/end`)).toMatchObject({ status: 303 });
    expect([await isSignedIn(here), await isSignedIn(there)]).toEqual([true, false]);
    expect((await post(here, `/account/sessions/${id}/end`)).status).toBe(404);
  });

  it("ends all other sessions of one's own, forgets the other browsers, and leaves other people alone", async () => {
    const office = await api.aUser("office");
    const [there, here] = [await api.signIn(), await api.signIn()];
    const { user_id } = await api.db.getRepository(Session).findOneByOrFail({ user_id: await ownerId() });
    expect(await api.db.getRepository(KnownDevice).countBy({ user_id })).toBeGreaterThan(1);
    expect((await post(here, "/account/sessions/end-others")).status).toBe(303);
    const alive = [await isSignedIn(here), await isSignedIn(there), await isSignedIn(office)];
    expect(alive).toEqual([true, false, true]);
    expect(await api.db.getRepository(KnownDevice).countBy({ user_id })).toBe(0);
  });

  const ownerId = async () => {
    const { json } = await api.asPerson(await api.signIn(), "/api/session");
    return (json.data?.user as { id: string }).id;
  };

  it("ends no session of somebody else, and none without the CSRF token", async () => {
    const [owner, office] = [await api.signIn(), await api.aUser("office")];
    const { id } = await api.db.getRepository(Session).findOneByOrFail({ user_id: await ownerId() });
    expect((await post(office, `/account/sessions/${id}/end`)).status).toBe(404);
    expect((await post({ ...owner, csrf: "x" }, "/account/sessions/end-others")).status).toBe(403);
    expect(await isSignedIn(owner)).toBe(true);
  });

  it("is there for technicians too, and closed to agents and strangers", async () => {
    expect((await api.asPerson(await api.aUser("technician"), "/account")).status).toBe(200);
    expect((await api.asAgent("/account")).status).toBe(403);
    expect((await api.ask("/account")).headers.location).toBe("/login?next=%2Faccount");
  });
});

describe("a session", () => {
  it("is kept from becoming idle by requests of a person, not by those of an open page", async () => {
    const { cookie } = await api.signIn();
    const sessions = api.db.getRepository(Session);
    const seen = async () => (await sessions.find())[0]?.last_seen_at.getTime();
    await api.db.query("UPDATE session SET last_seen_at = clock_timestamp() - interval '23 hours'");
    const before = await seen();
    await api.ask("/authorizations", { headers: { cookie, "x-background": "1" } });
    expect(await seen()).toBe(before);
    await api.ask("/authorizations", { headers: { cookie } });
    expect(await seen()).not.toBe(before);
    await api.db.query("UPDATE session SET last_seen_at = clock_timestamp() - interval '24 hours'");
    expect((await api.ask("/api/session", { headers: { cookie } })).status).toBe(401);
  });
});

describe("the name of a browser", () => {
  it.each([
    [CHROME, "Chrome on Linux"],
    [`${CHROME} Edg/140.0.0.0`.replace("X11; Linux", "Windows NT 10.0"), "Edge on Windows"],
    [
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0",
      "Firefox on macOS",
    ],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1",
      "Safari on iOS",
    ],
    ["<script>alert(1)</script>", "A program or an unknown browser"],
    [null, "A program or an unknown browser"],
  ])("for %j is %j", (userAgent, name) => expect(browserName(userAgent)).toBe(name));
});
