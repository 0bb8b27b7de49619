import { createAgentToken, createOwner } from "../../src/api/accounts.ts";
import { ownPath } from "../../src/api/login.ts";
import { ApiToken, Session, User } from "../../src/entities/user.ts";
import {
  type Answer,
  FORM,
  type FrontDoor,
  OWNER,
  cookieOf,
  csrfIn,
  form,
  openFrontDoor,
} from "./front-door.ts";

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor();
});
afterAll(() => door.close());

/** Opens the page and sends its form with these fields. */
async function tryLogin(fields: Record<string, string>): Promise<Answer> {
  const page = await door.ask("/login");
  return door.ask("/login", {
    method: "POST",
    headers: { ...FORM, cookie: cookieOf(page, "cs_login") },
    body: form({ _csrf: csrfIn(page), ...fields }),
  });
}

const right = { email: OWNER.email, password: OWNER.password };

describe("signing in", () => {
  it("leads to the authorizations with a cookie that scripts and other sites cannot use", async () => {
    const answer = await tryLogin({ ...right, email: " Owner@Example.com " });
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe("/authorizations");
    const line = answer.headers["set-cookie"]?.find((each) => each.startsWith("cs_session="));
    expect(line).toMatch(/HttpOnly/);
    expect(line).toMatch(/SameSite=Lax/);
    expect(line).toMatch(/Path=\//);
    expect(line).not.toMatch(/Secure/);
    const page = await door.ask("/authorizations", { headers: { cookie: cookieOf(answer, "cs_session") } });
    expect(page.status).toBe(200);
  });

  it("tells who is signed in, and the CSRF token", async () => {
    const owner = await door.signIn();
    const { json } = await door.asPerson(owner, "/api/session");
    expect(json.data).toEqual({
      user: { id: expect.stringMatching(/^user_/), email: OWNER.email, name: OWNER.name, role: "owner" },
      csrf_token: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect((await door.ask("/api/session")).status).toBe(401);
  });

  it("keeps only hashes of what opens doors", async () => {
    const owner = await door.signIn();
    const sessions = await door.db.getRepository(Session).find();
    expect(JSON.stringify(sessions)).not.toContain(owner.cookie.split("=")[1]);
    const { token } = await createAgentToken(door.db, "Another");
    expect(token).toMatch(/^cs_[\w-]{43}$/);
    expect(JSON.stringify(await door.db.getRepository(ApiToken).find())).not.toContain(token);
    expect((await door.db.getRepository(User).findOneByOrFail({ email: OWNER.email })).password_hash).toMatch(
      /^\$argon2id\$/,
    );
  });

  it("says the same for a wrong password, an unknown e-mail and an inactive user", async () => {
    await createOwner(door.db, { email: "gone@example.com", password: "their password", name: "Gone" });
    await door.db.getRepository(User).update({ email: "gone@example.com" }, { active: false });
    const answers = [
      await tryLogin({ ...right, password: "wrong" }),
      await tryLogin({ email: "nobody@example.com", password: "wrong" }),
      await tryLogin({ email: "gone@example.com", password: "their password" }),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(401);
      expect(answer.text).toContain("E-mail or password is not right.");
      expect(cookieOf(answer, "cs_session")).toBe("");
    }
  });

  it("ends a session whose user was made inactive, and one that is over", async () => {
    await createOwner(door.db, { email: "leaver@example.com", password: "their password", name: "Leaver" });
    const leaver = await door.signIn("leaver@example.com", "their password");
    await door.db.getRepository(User).update({ email: "leaver@example.com" }, { active: false });
    expect((await door.asPerson(leaver, "/api/session")).status).toBe(401);
    const owner = await door.signIn();
    await door.db.query("UPDATE session SET expires_at = now() - interval '1 second'");
    expect((await door.asPerson(owner, "/api/session")).status).toBe(401);
  });

  it("goes on to the page that was asked for, and never to somebody else's", async () => {
    const page = await door.ask("/login?next=%2Fjobs%3Fstatus%3Dfailed");
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

  it("wants the form's own token, bound to the browser that opened it", async () => {
    const [mine, others] = [await door.ask("/login"), await door.ask("/login")];
    const post = (cookie: string, _csrf: string) =>
      door.ask("/login", { method: "POST", headers: { ...FORM, cookie }, body: form({ ...right, _csrf }) });
    for (const answer of [
      await post("", csrfIn(mine)),
      await post(cookieOf(mine, "cs_login"), csrfIn(others)),
    ]) {
      expect(answer.status).toBe(403);
      expect(cookieOf(answer, "cs_session")).toBe("");
    }
    expect((await door.events()).at(-1)).toMatchObject({ route: "POST /login", principal: "anonymous" });
  });

  it("starts a new session each time and ends the one before", async () => {
    const first = await door.signIn();
    const page = await door.ask("/login");
    const again = await door.ask("/login", {
      method: "POST",
      headers: { ...FORM, cookie: `${cookieOf(page, "cs_login")}; ${first.cookie}` },
      body: form({ ...right, _csrf: csrfIn(page) }),
    });
    expect(cookieOf(again, "cs_session")).not.toBe(first.cookie);
    expect((await door.asPerson(first, "/api/session")).status).toBe(401);
  });

  it("refuses a form that is not one, with the field's name and no fault of ours", async () => {
    for (const fields of [
      { email: "a\0b", password: "x" },
      { ...right, extra: "1" },
      { email: OWNER.email },
    ] as Record<string, string>[])
      expect((await tryLogin(fields)).status).toBe(400);
  });

  it("stops guessing after ten tries for an e-mail", async () => {
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
  it("takes the session away, and wants its CSRF token for that", async () => {
    const owner = await door.signIn();
    const { cookie } = owner;
    expect((await door.ask("/logout", { headers: { cookie } })).status).toBe(405);
    const forged = await door.ask("/logout", {
      method: "POST",
      headers: { ...FORM, cookie },
      body: form({ _csrf: "x" }),
    });
    expect(forged.status).toBe(403);
    const body = form({ _csrf: owner.csrf });
    const left = await door.ask("/logout", { method: "POST", headers: { ...FORM, cookie }, body });
    expect(left.status).toBe(303);
    expect(left.headers.location).toBe("/login");
    expect((await door.asPerson(owner, "/api/session")).status).toBe(401);
  });
});

describe("a signed-in person's request", () => {
  it("changes something only with the session's CSRF token, in the header or in a page's form", async () => {
    const [owner, other] = [await door.signIn(), await door.signIn()];
    const body = { domain: "contact", action: "create", data: { name: "Rosa Diaz" } };
    const post = (headers: Record<string, string>) =>
      door.ask("/api/actions", { method: "POST", body, headers: { cookie: owner.cookie, ...headers } });
    for (const headers of [{}, { "x-csrf-token": "" }, { "x-csrf-token": other.csrf }] as Record<
      string,
      string
    >[]) {
      const answer = await post(headers);
      expect(answer.status).toBe(403);
      expect(answer.json.error?.hint).toContain("X-CSRF-Token");
    }
    expect((await door.events()).at(-1)).toMatchObject({ reason: "CSRF token missing or wrong" });
    expect((await post({ "x-csrf-token": owner.csrf })).status).toBe(202);
    const decide = (fields: Record<string, string>) =>
      door.ask("/authorizations/auth_0/decision", {
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
