import { createOwner, verifyPassword } from "../../../src/identity/accounts.ts";
import { findSession, openSession } from "../../../src/identity/sessions.ts";
import { rows } from "../../../src/database/sql.ts";
import { User } from "../../../src/entities/user.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { agent, makePipeline, office, owner, type Pipeline } from "../../support/pipeline.ts";

let test: TestDatabase;
let pipeline: Pipeline;
let first: string;
beforeAll(async () => void (test = await testDatabase()));
afterAll(() => test.drop());
beforeEach(async () => {
  await test.clear();
  pipeline = makePipeline(test.db);
  ({ id: first } = await createOwner(test.db, {
    email: "olga@example.com",
    name: "Olga",
    password: "correct",
  }));
});

const otto = { email: "Otto@Example.com", name: "Otto Office", role: "office" };
const create = (data: object = otto) => pipeline.ask(owner, "user.create", data);
const ask = (action: string, data: object) => pipeline.ask(owner, `user.${action}`, data);

describe("people who sign in", () => {
  it("are created without a password, so they cannot sign in and no job contains one", async () => {
    const { id, result } = await create();
    expect(result).toEqual({
      ...otto,
      email: "otto@example.com",
      id: expect.stringMatching(/^user_/),
      active: true,
    });
    for (const password of ["", "null", "undefined"])
      expect(await verifyPassword(test.db, "otto@example.com", password)).toBeNull();
    const [job] = await rows<object>(test.db.manager, "SELECT input, result FROM job WHERE id = $1", [id]);
    expect(JSON.stringify(job)).not.toMatch(/password|hash/);
    await expect(create({ ...otto, password: "x" })).rejects.toMatchObject({
      body: { fields: [{ path: "data.password" }] },
    });
    expect((await create()).error?.message).toBe("Another user already signs in with this e-mail.");
  });

  it("are managed by owners only", async () => {
    const more = { ...otto, role: "owner" };
    const { error } = await pipeline.ask(office, "user.create", more);
    expect(error).toMatchObject({ code: "forbidden", message: "Only an owner can manage users." });
    await expect(pipeline.ask(agent, "user.create", more)).rejects.toMatchObject({ code: "forbidden" });
    expect(await test.db.getRepository(User).count()).toBe(1);
  });

  it("are updated by name, e-mail and role", async () => {
    const { id } = (await create()).result as User;
    const { result } = await ask("update", { id, role: "technician", email: "o@example.com" });
    expect(result).toMatchObject({ id, role: "technician", email: "o@example.com", name: "Otto Office" });
  });

  it("cannot sign in after archiving, and their sessions end", async () => {
    const user = await test.db.getRepository(User).findOneByOrFail({ id: first });
    await createOwner(test.db, { email: "second@example.com", name: "Second", password: "correct" });
    const session = await openSession(test.db, user, { ip: null, userAgent: null });
    expect(await findSession(test.db, session, { used: true })).toMatchObject({ user: { id: first } });
    expect((await ask("archive", { id: first })).result).toMatchObject({ active: false });
    expect(await verifyPassword(test.db, user.email, "correct")).toBeNull();
    await ask("update", { id: first, active: true });
    expect(await findSession(test.db, session, { used: true })).toBeNull();
    expect(await verifyPassword(test.db, user.email, "correct")).toMatchObject({ id: first });
  });

  it("always include an owner who can sign in", async () => {
    await create({ ...otto, role: "owner" });
    for (const [action, data] of [
      ["archive", { id: first }],
      ["update", { id: first, role: "office" }],
    ] as const)
      expect((await ask(action, data)).error).toMatchObject({
        code: "conflict",
        message: "Olga is the last owner who can sign in.",
      });
  });
});
