import { createOwner } from "../../../src/identity/accounts.ts";
import { createAgentToken } from "../../../src/identity/tokens.ts";
import { ownPath } from "../../../src/api/console/login/form.ts";
import { User } from "../../../src/entities/user.ts";
import { ApiToken } from "../../../src/entities/api-token.ts";
import { Session } from "../../../src/entities/session.ts";
import { type Answer, FORM, type TestApi, OWNER, cookieOf, csrfIn, form, startApi } from "../test-app.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

/** Opens the page and sends its form with these fields. */
async function tryLogin(fields: Record<string, string>): Promise<Answer> {
  const page = await api.ask("/login");
  return api.ask("/login", {
    method: "POST",
    headers: { ...FORM, cookie: cookieOf(page, "cs_login") },
    body: form({ _csrf: csrfIn(page), ...fields }),
  });
}

const right = { email: OWNER.email, password: OWNER.password };

describe("signing in", () => {
  it("redirects to the authorizations and sets an HttpOnly, SameSite=Lax cookie", async () => {
    const answer = await tryLogin({ ...right, email: " Owner@Example.com " });
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/authorizations");
    const line = answer.headers["set-cookie"]?.find((each) => each.startsWith("cs_session="));
    expect(line).toMatch(/HttpOnly/);
    expect(line).toMatch(/SameSite=Lax/);
    expect(line).toMatch(/Path=\//);
    expect(line).not.toMatch(/Secure/);
    const page = await api.ask("/authorizations", { headers: { cookie: cookieOf(answer, "cs_session") } });
    expect(page.status).toBe(200);
  });

  it("returns the user and the CSRF token from /api/session", async () => {
    const owner = await api.signIn();
    const { json } = await api.asPerson(owner, "/api/session");
    expect(json.data).toEqual({
      user: { id: expect.stringMatching(/^user_/), email: OWNER.email, name: OWNER.name, role: "owner" },
      csrf_token: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect((await api.ask("/api/session")).status).toBe(401);
  });

  it("stores sessions, tokens and passwords as hashes only", async () => {
    const owner = await api.signIn();
    const sessions = await api.db.getRepository(Session).find();
    expect(JSON.stringify(sessions)).not.toContain(owner.cookie.split("=")[1]);
    const { token } = await createAgentToken(api.db, "Another");
    expect(token).toMatch(/^cs_[\w-]{43}$/);
    expect(JSON.stringify(await api.db.getRepository(ApiToken).find())).not.toContain(token);
    expect((await api.db.getRepository(User).findOneByOrFail({ email: OWNER.email })).password_hash).toMatch(
      /^\$argon2id\$/,
    );
  });

  it("returns the same error for a wrong password, an unknown e-mail and an inactive user", async () => {
    await createOwner(api.db, { email: "gone@example.com", password: "their password", name: "Gone" });
    await api.db.getRepository(User).update({ email: "gone@example.com" }, { active: false });
    const answers = [
      await tryLogin({ ...right, password: "wrong" }),
      await tryLogin({ email: "nobody@example.com", password: "wrong" }),
      await tryLogin({ email: "gone@example.com", password: "their password" }),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(401);
      expect(answer.text).toContain("E-mail or password is wrong.");
      expect(cookieOf(answer, "cs_session")).toBe("");
    }
  });

  it("rejects a session that has expired or whose user is inactive", async () => {
    await createOwner(api.db, { email: "leaver@example.com", password: "their password", name: "Leaver" });
    const leaver = await api.signIn("leaver@example.com", "their password");
    await api.db.getRepository(User).update({ email: "leaver@example.com" }, { active: false });
    expect((await api.asPerson(leaver, "/api/session")).status).toBe(401);
    const owner = await api.signIn();
    await api.db.query("UPDATE session SET expires_at = now() - interval '1 second'");
    expect((await api.asPerson(owner, "/api/session")).status).toBe(401);
  });

  it("redirects to the requested page, and never to another site", async () => {
    const page = await api.ask("/login?next=%2Fjobs%3Fstatus%3Dfailed");
    expect(page.text).toContain('name="next" value="/jobs?status=failed"');
    expect((await tryLogin({ ...right, next: "/jobs?status=failed" })).headers.location).toBe(
      "/jobs?status=failed",
    );
    for (const next of [
      "https://evil.example/",
      "//evil.example",
      "/\\evil.example",
      "/.//evil.example",
      "javascript:alert(1)",
    ]) {
      expect(ownPath(next)).toBeNull();
      expect((await tryLogin({ ...right, next })).headers.location).toBe("/authorizations");
    }
  });

  it("requires the form's token, bound to the browser that opened it", async () => {
    const [mine, others] = [await api.ask("/login"), await api.ask("/login")];
    const post = (cookie: string, _csrf: string) =>
      api.ask("/login", { method: "POST", headers: { ...FORM, cookie }, body: form({ ...right, _csrf }) });
    for (const answer of [
      await post("", csrfIn(mine)),
      await post(cookieOf(mine, "cs_login"), csrfIn(others)),
    ]) {
      expect(answer.status).toBe(403);
      expect(cookieOf(answer, "cs_session")).toBe("");
    }
    expect((await api.events()).at(-1)).toMatchObject({ route: "POST /login", principal: "anonymous" });
  });

  it("starts a new session each time and ends the previous one", async () => {
    const first = await api.signIn();
    const page = await api.ask("/login");
    const again = await api.ask("/login", {
      method: "POST",
      headers: { ...FORM, cookie: `${cookieOf(page, "cs_login")}; ${first.cookie}` },
      body: form({ ...right, _csrf: csrfIn(page) }),
    });
    expect(cookieOf(again, "cs_session")).not.toBe(first.cookie);
    expect((await api.asPerson(first, "/api/session")).status).toBe(401);
  });

  it("rejects invalid form fields with 400 and the field", async () => {
    for (const fields of [
      { email: "a\0b", password: "x" },
      { ...right, extra: "1" },
      { email: OWNER.email },
    ] as Record<string, string>[])
      expect((await tryLogin(fields)).status).toBe(400);
  });

  it("returns 429 after ten attempts for an e-mail", async () => {
    for (let tries = 0; tries < 10; tries++)
      expect((await tryLogin({ email: "victim@example.com", password: `guess ${tries}` })).status).toBe(401);
    const stopped = await tryLogin({ email: "victim@example.com", password: "guess" });
    expect(stopped.status).toBe(429);
    expect(Number(stopped.headers["retry-after"])).toBeGreaterThan(0);
    expect(stopped.headers["content-type"]).toContain("text/html");
    expect((await tryLogin(right)).status).toBe(303);
  });
});

describe("signing out", () => {
  it("ends the session, and requires its CSRF token", async () => {
    const owner = await api.signIn();
    const { cookie } = owner;
    expect((await api.ask("/logout", { headers: { cookie } })).status).toBe(405);
    const forged = await api.ask("/logout", {
      method: "POST",
      headers: { ...FORM, cookie },
      body: form({ _csrf: "x" }),
    });
    expect(forged.status).toBe(403);
    const body = form({ _csrf: owner.csrf });
    const left = await api.ask("/logout", { method: "POST", headers: { ...FORM, cookie }, body });
    expect(left.status).toBe(303);
    expect(left.headers.location).toBe("/login");
    expect((await api.asPerson(owner, "/api/session")).status).toBe(401);
  });
});

describe("a signed-in person's request", () => {
  it("is accepted only with the session's CSRF token, in the header or in the form", async () => {
    const [owner, other] = [await api.signIn(), await api.signIn()];
    const body = { domain: "contact", action: "create", data: { name: "Rosa Diaz" } };
    const post = (headers: Record<string, string>) =>
      api.ask("/api/actions", { method: "POST", body, headers: { cookie: owner.cookie, ...headers } });
    for (const headers of [{}, { "x-csrf-token": "" }, { "x-csrf-token": other.csrf }] as Record<
      string,
      string
    >[]) {
      const answer = await post(headers);
      expect(answer.status).toBe(403);
      expect(answer.json.error?.hint).toContain("X-CSRF-Token");
    }
    expect((await api.events()).at(-1)).toMatchObject({ reason: "CSRF token missing or wrong" });
    expect((await post({ "x-csrf-token": owner.csrf, prefer: "wait=20" })).status).toBe(200);
    const decide = (fields: Record<string, string>) =>
      api.ask("/authorizations/auth_0/decision", {
        method: "POST",
        headers: { ...FORM, cookie: owner.cookie },
        body: form({ decision: "denied", view_hash: "x", ...fields }),
      });
    const forged = await decide({ _csrf: other.csrf });
    expect(forged.status).toBe(403);
    expect(forged.text).toContain("CSRF");
    expect((await decide({ _csrf: owner.csrf })).status).toBe(404);
  });
});
