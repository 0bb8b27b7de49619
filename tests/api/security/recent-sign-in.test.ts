import { Authorization } from "../../../src/entities/authorization.ts";
import { aContact, aTicket } from "../../support/factories.ts";
import { type Answer, type Browser, FORM, form, OWNER, startApi, type TestApi } from "../test-app.ts";

let api: TestApi;
let owner: Browser;
/** The id of an authorization to delete a customer with history. */
let auth: string;
let customer: string;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  await api.db.query("DELETE FROM session");
  owner = await api.signIn();
  ({ customer_id: customer } = await aTicket(api.db, { status: "completed" }));
  auth = await parked("delete", { id: customer });
});

async function parked(action: string, data: unknown): Promise<string> {
  const { json } = await api.asAgent("/api/actions", {
    method: "POST",
    headers: { prefer: "wait=20" },
    body: { domain: "contact", action, data, reasoning: "They moved away." },
  });
  expect(json.data).toMatchObject({ status: "authorization_required" });
  return String(json.data?.queue_id);
}
const setPasswordAge = (minutes: number) =>
  api.db.query(`UPDATE session SET password_at = clock_timestamp() - interval '${minutes} minutes'`);
const decide = (decision: string, id = auth) =>
  api.asPerson(owner, `/api/authorizations/${id}`, { method: "POST", body: { decision } });
const givePassword = (password: string) =>
  api.asPerson(owner, "/api/session/password", { method: "POST", body: { password } });
const statusOf = async (id = auth) =>
  (await api.db.getRepository(Authorization).findOneByOrFail({ id })).status;

async function decideOnPage(fields: Record<string, string>): Promise<Answer> {
  const { json } = await api.asPerson(owner, `/api/authorizations/${auth}`);
  return api.ask(`/authorizations/${auth}/decision`, {
    method: "POST",
    headers: { ...FORM, cookie: owner.cookie },
    body: form({
      _csrf: owner.csrf,
      view_hash: String(json.data?.view_hash),
      decision: "authorized",
      ...fields,
    }),
  });
}
const asksForPassword = ({ text }: Answer) => text.includes('type="password"');

describe("allowing something destructive", () => {
  it("works within 15 minutes of the sign-in, without another password", async () => {
    await setPasswordAge(14);
    expect((await decide("authorized")).status).toBe(200);
  });

  it("is forbidden afterwards, with a hint, until the password was given again", async () => {
    await setPasswordAge(15);
    const refused = await decide("authorized");
    expect(refused.status).toBe(403);
    expect(refused.json.error).toMatchObject({
      code: "forbidden",
      message: expect.stringContaining("more than 15 minutes ago"),
      hint: expect.stringContaining("POST /api/session/password"),
    });
    expect(await statusOf()).toBe("pending");
    expect((await givePassword(OWNER.password)).json.data).toMatchObject({ user: { email: OWNER.email } });
    expect((await decide("authorized")).status).toBe(200);
    expect(await statusOf()).toBe("authorized");
  });

  it("is forbidden as Allow Always too", async () => {
    await setPasswordAge(20);
    const body = { decision: "authorized", upgrade_permission: true };
    const refused = await api.asPerson(owner, `/api/authorizations/${auth}`, { method: "POST", body });
    expect(refused.status).toBe(403);
    expect(await statusOf()).toBe("pending");
  });

  it("is possible for a session without the password if another session of the same person gave it", async () => {
    await setPasswordAge(20);
    const other = await api.signIn();
    expect((await decide("authorized")).status).toBe(403);
    owner = other;
    expect((await decide("authorized")).status).toBe(200);
  });

  it("takes no wrong password, keeps each as a security event, and limits them", async () => {
    await setPasswordAge(20);
    const events = await api.refusedDuring(async () => {
      for (let n = 0; n < 10; n++) expect((await givePassword("a wrong guess")).status).toBe(403);
    });
    expect(events).toHaveLength(10);
    const stopped = await givePassword(OWNER.password);
    expect(stopped.status).toBe(429);
    expect(stopped.json.error?.message).toContain("10 password checks in 15 minutes per session");
    expect(events[0]).toMatchObject({
      route: "POST /api/session/password",
      reason: "wrong password of the person signed in",
      principal: expect.stringMatching(/^user:/),
    });
    expect((await decide("authorized")).status).toBe(403);
  });

  it("asks for the password in the page's form, and again where it is missing or wrong", async () => {
    expect(asksForPassword(await api.asPerson(owner, `/authorizations/${auth}`))).toBe(false);
    await setPasswordAge(20);
    expect(asksForPassword(await api.asPerson(owner, `/authorizations/${auth}`))).toBe(true);
    for (const [fields, said] of [
      [{}, "Enter your password and decide again."],
      [{ password: "a wrong guess", notes: "Go ahead." }, "The password is not right."],
    ] as const) {
      const again = await decideOnPage(fields);
      expect(again.status).toBe(403);
      expect(again.text).toContain(said);
      expect(again.text).not.toContain("/api/session/password");
      expect(asksForPassword(again)).toBe(true);
      expect(again.text).not.toContain("a wrong guess");
    }
    expect(await statusOf()).toBe("pending");
    expect((await decideOnPage({ password: OWNER.password })).status).toBe(303);
    expect(await statusOf()).toBe("authorized");
  });
});

describe("after 15 minutes a person still", () => {
  beforeEach(() => setPasswordAge(60));

  it("denies without the password", async () => {
    expect((await decide("denied")).status).toBe(200);
  });

  it("allows without the password what takes nothing away", async () => {
    const ids = await Promise.all(Array.from({ length: 6 }, async () => (await aContact(api.db)).id));
    const id = await parked("bulk_update", { ids, data: { notes: "Has a dog." } });
    expect((await api.asPerson(owner, `/api/authorizations/${id}`)).json.data).toMatchObject({
      destructive: false,
    });
    expect((await decide("authorized", id)).status).toBe(200);
  });

  it("gets 409 for a request that is decided already", async () => {
    await decide("denied");
    expect((await decide("authorized")).status).toBe(409);
  });
});

describe("POST /api/session/password", () => {
  it("is for people only, with their CSRF token", async () => {
    const body = { password: OWNER.password };
    const path = "/api/session/password";
    expect((await api.asAgent(path, { method: "POST", body })).status).toBe(403);
    expect((await api.ask(path, { method: "POST", body })).status).toBe(401);
    expect((await api.asPerson({ ...owner, csrf: "x" }, path, { method: "POST", body })).status).toBe(403);
    expect((await api.asPerson(owner, path, { method: "POST", body: {} })).status).toBe(400);
  });
});
