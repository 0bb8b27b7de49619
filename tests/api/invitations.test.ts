import { hashOf } from "../../src/identity/secrets.ts";
import { User } from "../../src/entities/user.ts";
import { Invitation } from "../../src/entities/invitation.ts";
import { newId } from "../../src/domain/core/ids.ts";
import { type Browser, FORM, form, type TestApi, startApi } from "./test-app.ts";

const PASSWORD = "a password of their own";

let api: TestApi;
let owner: Browser;
beforeAll(async () => {
  api = await startApi();
  owner = await api.signIn();
});
afterAll(() => api.close());

/** A user without a password, and the path of their invitation link. */
async function anInvitedUser(): Promise<{ id: string; email: string; path: string }> {
  const id = newId("user");
  const email = `${id}@example.com`;
  await api.db.getRepository(User).insert({ id, email, name: "Otto Office", role: "office" });
  return { id, email, path: await link(id) };
}

async function link(id: string): Promise<string> {
  const { status, json } = await api.asPerson(owner, `/api/users/${id}/invitation`, { method: "POST" });
  expect(status).toBe(200);
  return new URL(String(json.data?.url)).pathname;
}

const choose = (path: string, password: string) =>
  api.ask(path, { method: "POST", headers: FORM, body: form({ password }) });
const signsIn = async (email: string, password = PASSWORD) =>
  (await api.signIn(email, password)).cookie !== "";

describe("an invitation", () => {
  it("lets a person choose a password and sign in with it", async () => {
    const { email, path } = await anInvitedUser();
    expect((await api.ask(path)).text).toContain(email);
    expect(await choose(path, PASSWORD)).toMatchObject({ status: 303, headers: { location: "/login" } });
    expect(await signsIn(email)).toBe(true);
  });

  it("works once, also for two simultaneous requests", async () => {
    const { email, path } = await anInvitedUser();
    const answers = await Promise.all([choose(path, PASSWORD), choose(path, "someone else's password")]);
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    const third = await choose(path, "a third password");
    expect(third.status).toBe(404);
    expect(third.text).toContain("Ask the owner for a new one");
    expect(await signsIn(email, "a third password")).toBe(false);
  });

  it("rejects a short password with the reason, and stays valid", async () => {
    const { email, path } = await anInvitedUser();
    const short = await choose(path, "short");
    expect(short.status).toBe(400);
    expect(short.text).toContain("needs at least 12 characters");
    await choose(path, PASSWORD);
    expect(await signsIn(email)).toBe(true);
  });

  it("invalidates the previous link, and a new password ends existing sessions", async () => {
    const { id, email, path } = await anInvitedUser();
    await choose(path, PASSWORD);
    const before = await api.signIn(email, PASSWORD);
    const [old, newer] = [await link(id), await link(id)];
    expect((await choose(old, "the old link's password")).status).toBe(404);
    expect((await choose(newer, "the newer link's password")).status).toBe(303);
    expect((await api.asPerson(before, "/api/session")).status).toBe(401);
  });

  it("returns 404 when it has expired or its user is inactive", async () => {
    const { id } = await anInvitedUser();
    const late = { token_hash: hashOf("late"), user_id: id, expires_at: new Date(0) };
    await api.db.getRepository(Invitation).insert(late);
    expect((await api.ask("/welcome/late")).status).toBe(404);
    const gone = await anInvitedUser();
    await api.db.getRepository(User).update({ id: gone.id }, { active: false });
    expect((await choose(gone.path, PASSWORD)).status).toBe(404);
  });

  it("can be created by the owner only, and its secret is in no table and no log", async () => {
    const { id, path } = await anInvitedUser();
    const post = { method: "POST" };
    expect((await api.asPerson(await api.aUser("office"), `/api/users/${id}/invitation`, post)).status).toBe(
      403,
    );
    expect((await api.asAgent(`/api/users/${id}/invitation`, post)).status).toBe(403);
    expect((await api.ask(`/api/users/${id}/invitation`, post)).status).toBe(401);
    const secret = path.split("/").at(-1) ?? "";
    await api.ask(path);
    expect(JSON.stringify(await api.db.getRepository(Invitation).find())).not.toContain(secret);
    expect(api.log.join("\n")).not.toContain(secret);
    expect(JSON.stringify(await api.events())).not.toContain(secret);
  });
});
