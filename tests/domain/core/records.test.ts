import { CrmError } from "../../../src/domain/core/errors.ts";
import {
  expectVersion,
  findForReference,
  findOrFail,
  insert,
  readById,
  update,
} from "../../../src/domain/core/records.ts";
import { newId } from "../../../src/domain/core/ids.ts";
import { Contact } from "../../../src/entities/contact.ts";
import { contextOf, refusal } from "../../support/act.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { aContact, withJob } from "../../support/factories.ts";

describe("a record", () => {
  let test: TestDatabase;
  let id: string;
  beforeAll(async () => {
    test = await testDatabase();
  });
  afterAll(() => test.drop());
  beforeEach(async () => {
    ({ id } = await aContact(test.db));
  });

  /** The strongest lock that another transaction can still take on the row. */
  async function stillPossible(): Promise<string | undefined> {
    for (const lock of ["FOR UPDATE", "FOR NO KEY UPDATE", "FOR SHARE", "FOR KEY SHARE"]) {
      const taken = await test.db
        .query(`SELECT FROM contact WHERE id = $1 ${lock} NOWAIT`, [id])
        .then(() => true)
        .catch((error: { driverError?: { code?: string } }) => {
          expect(error.driverError?.code).toBe("55P03");
          return false;
        });
      if (taken) return lock;
    }
    return undefined;
  }

  it.each<[string, typeof findOrFail, string | undefined]>([
    ["an update: others cannot even refer to it", findOrFail, undefined],
    ["a reference: others may change it, not delete it", findForReference, "FOR NO KEY UPDATE"],
  ])("is locked when read for %s", async (_what, read, possible) => {
    await test.db.transaction(async (db) => {
      expect((await read(db, Contact, id)).id).toBe(id);
      expect(await stillPossible()).toBe(possible);
    });
    expect(await stillPossible()).toBe("FOR UPDATE");
  });

  it("is not locked when only read", async () => {
    await test.db.transaction(async (db) => {
      expect((await readById(db, Contact, { id }))?.id).toBe(id);
      expect(await stillPossible()).toBe("FOR UPDATE");
    });
  });

  it.each([
    ["an update", findOrFail],
    ["a reference", findForReference],
  ])("is refused for %s where it does not exist or was merged", async (_what, read) => {
    const { id: duplicate } = await aContact(test.db, { merged_into_id: id, archived_at: new Date() });
    await expect(read(test.db.manager, Contact, newId("contact"))).rejects.toMatchObject({
      code: "not_found",
    });
    expect(await refusal(read(test.db.manager, Contact, duplicate))).toMatchObject({
      code: "conflict",
      message: `The contact ${duplicate} was merged into ${id}.`,
      merged_into_id: id,
    });
  });

  it("is written only to columns that its table has", async () => {
    const values = { name: "Maria", shoe_size: 38 } as Partial<Contact>; // As a caller without types would.
    await expect(insert(contextOf(test.db.manager), Contact, values)).rejects.toThrow(
      "contact has no column shoe_size",
    );
  });

  it("is updated once per version", async () => {
    await withJob(test.db, async (db) => {
      const context = contextOf(db);
      const contact = await findOrFail(db, Contact, id);
      expect(await update(context, contact, { notes: "new" })).toMatchObject({
        version: 2,
        notes: "new",
      });
      expect(await refusal(update(context, contact, { notes: "late" }))).toMatchObject({
        code: "conflict",
        message: `The contact ${id} has changed since you read it; it is at version 1 now.`,
        hint: "Read it again, then repeat the change.",
        version: 1,
      });
    });
  });

  it("may be expected at its version, at no other", async () => {
    const contact = await findOrFail(test.db.manager, Contact, id);
    expect(() => expectVersion("contact", contact, undefined)).not.toThrow();
    expect(() => expectVersion("contact", contact, 1)).not.toThrow();
    expect(() => expectVersion("contact", contact, 2)).toThrow(CrmError);
  });
});
