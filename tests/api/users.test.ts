import { newId } from "../../src/domain/core/ids.ts";
import { User } from "../../src/entities/user.ts";
import { type FrontDoor, openFrontDoor, OWNER } from "./front-door.ts";

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor();
});
afterAll(() => door.close());

describe("the list of users", () => {
  it("tells an owner the ids, who has a password and who is archived, and no hash", async () => {
    const owner = await door.signIn();
    const users = door.db.getRepository(User);
    const somebody = async (active: boolean) => {
      const id = newId("user");
      const shown = { id, email: `${id}@example.com`, name: "Otto Office", role: "office", active } as const;
      await users.insert({ ...shown }); // TypeORM writes defaults onto what it is given.
      return { ...shown, has_password: false };
    };
    const invited = await somebody(true);
    const archived = await somebody(false);
    const { id, password_hash } = await users.findOneByOrFail({ email: OWNER.email });
    const { status, json, text } = await door.asPerson(owner, "/api/users");
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

  it("is an owner's alone, and a try by others is kept", async () => {
    const [office, technician] = [await door.aUser("office"), await door.aUser("technician")];
    const before = (await door.events()).length;
    expect((await door.asPerson(office, "/api/users")).status).toBe(403);
    expect((await door.asPerson(technician, "/api/users")).status).toBe(403);
    expect((await door.asAgent("/api/users")).status).toBe(403);
    expect((await door.ask("/api/users")).status).toBe(401);
    const kept = (await door.events()).slice(before);
    expect(kept.map(({ route }) => route)).toEqual(Array(4).fill("GET /api/users"));
  });
});
