import { hashOf } from "../../src/api/accounts.ts";
import { Invitation, User } from "../../src/entities/user.ts";
import { newId } from "../../src/domain/core/ids.ts";
import { type Browser, FORM, form, type FrontDoor, openFrontDoor } from "./front-door.ts";

const PASSWORD = "a password of their own";

let door: FrontDoor;
let owner: Browser;
beforeAll(async () => {
  door = await openFrontDoor();
  owner = await door.signIn();
});
afterAll(() => door.close());

/** Somebody without a password, and the path of the link that the owner has for them. */
async function somebody(): Promise<{ id: string; email: string; path: string }> {
  const id = newId("user");
  const email = `${id}@example.com`;
  await door.db.getRepository(User).insert({ id, email, name: "Otto Office", role: "office" });
  return { id, email, path: await link(id) };
}

async function link(id: string): Promise<string> {
  const { status, json } = await door.asPerson(owner, `/api/users/${id}/invitation`, { method: "POST" });
  expect(status).toBe(200);
  return new URL(String(json.data?.url)).pathname;
}

const choose = (path: string, password: string) =>
  door.ask(path, { method: "POST", headers: FORM, body: form({ password }) });
const signsIn = async (email: string, password = PASSWORD) =>
  (await door.signIn(email, password)).cookie !== "";

describe("an invitation", () => {
  it("lets a person choose a password and sign in with it", async () => {
    const { email, path } = await somebody();
    expect((await door.ask(path)).text).toContain(email);
    expect(await choose(path, PASSWORD)).toMatchObject({ status: 303, headers: { location: "/login" } });
    expect(await signsIn(email)).toBe(true);
  });

  it("counts once", async () => {
    const { email, path } = await somebody();
    const answers = await Promise.all([choose(path, PASSWORD), choose(path, "somebody else's password")]);
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    const third = await choose(path, "a third password");
    expect(third.status).toBe(404);
    expect(third.text).toContain("Ask the owner for a new one");
    expect(await signsIn(email, "a third password")).toBe(false);
  });

  it("says what is wrong with a short password, and stays good", async () => {
    const { email, path } = await somebody();
    const short = await choose(path, "short");
    expect(short.status).toBe(400);
    expect(short.text).toContain("needs at least 12 characters");
    await choose(path, PASSWORD);
    expect(await signsIn(email)).toBe(true);
  });

  it("replaces the one before, and a new password ends what was signed in with the old", async () => {
    const { id, email, path } = await somebody();
    await choose(path, PASSWORD);
    const before = await door.signIn(email, PASSWORD);
    const [old, newer] = [await link(id), await link(id)];
    expect((await choose(old, "the old link's password")).status).toBe(404);
    expect((await choose(newer, "the newer link's password")).status).toBe(303);
    expect((await door.asPerson(before, "/api/session")).status).toBe(401);
  });

  it("runs out, and is of no use to somebody who may not sign in any more", async () => {
    const { id } = await somebody();
    const expires_at = new Date(Date.now() - 1);
    await door.db.getRepository(Invitation).insert({ token_hash: hashOf("late"), user_id: id, expires_at });
    expect((await door.ask("/welcome/late")).status).toBe(404);
    const gone = await somebody();
    await door.db.getRepository(User).update({ id: gone.id }, { active: false });
    expect((await choose(gone.path, PASSWORD)).status).toBe(404);
  });

  it("is made by an owner alone, and keeps its secret from tables and log", async () => {
    const { id, path } = await somebody();
    const ask = { method: "POST" };
    expect((await door.asPerson(await door.aUser("office"), `/api/users/${id}/invitation`, ask)).status).toBe(
      403,
    );
    expect((await door.asAgent(`/api/users/${id}/invitation`, ask)).status).toBe(403);
    expect((await door.ask(`/api/users/${id}/invitation`, ask)).status).toBe(401);
    const secret = path.split("/").at(-1) ?? "";
    await door.ask(path);
    expect(JSON.stringify(await door.db.getRepository(Invitation).find())).not.toContain(secret);
    expect(door.log.join("\n")).not.toContain(secret);
    expect(JSON.stringify(await door.events())).not.toContain(secret);
  });
});
