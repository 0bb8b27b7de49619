import { newId } from "../../../src/domain/core/ids.ts";
import { User } from "../../../src/entities/user.ts";
import { type TestApi, startApi, OWNER } from "../test-app.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

describe("the list of users", () => {
  it("returns to the owner id, password state and archived state of each user, without the hash", async () => {
    const owner = await api.signIn();
    const users = api.db.getRepository(User);
    const insertUser = async (active: boolean) => {
      const id = newId("user");
      const shown = { id, email: `${id}@example.com`, name: "Otto Office", role: "office", active } as const;
      await users.insert({ ...shown }); // A copy: TypeORM writes defaults into its argument.
      return { ...shown, has_password: false };
    };
    const invited = await insertUser(true);
    const archived = await insertUser(false);
    const { id, password_hash } = await users.findOneByOrFail({ email: OWNER.email });
    const { status, json, text } = await api.asPerson(owner, "/api/users");
    expect(status).toBe(200);
    expect(json.data).toEqual({
      items: expect.arrayContaining([
        { id, email: OWNER.email, name: OWNER.name, role: "owner", active: true, has_password: true },
        invited,
        archived,
      ]),
      next_cursor: null,
      total: 3,
    });
    expect(text).not.toContain(password_hash);
  });

  it("rejects everyone but the owner, and stores each attempt", async () => {
    const [office, technician] = [await api.aUser("office"), await api.aUser("technician")];
    const stored = await api.refusedDuring(async () => {
      expect((await api.asPerson(office, "/api/users")).status).toBe(403);
      expect((await api.asPerson(technician, "/api/users")).status).toBe(403);
      expect((await api.asAgent("/api/users")).status).toBe(403);
      expect((await api.ask("/api/users")).status).toBe(401);
    });
    expect(stored.map(({ route }) => route)).toEqual(Array(4).fill("GET /api/users"));
  });
});
