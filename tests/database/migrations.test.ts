import { randomBytes } from "node:crypto";
import pg from "pg";
import { connect, makeDataSource } from "../../src/database/data-source.ts";
import { migrate } from "../../src/database/migrate.ts";
import { rows } from "../../src/database/sql.ts";
import { Contact } from "../../src/entities/contact.ts";
import { serverUrl } from "../support/database.ts";
import { aContact } from "../support/factories.ts";

describe("migrations", () => {
  const database = `test_${randomBytes(6).toString("hex")}`;
  const login = `login_${database}`;
  const url = serverUrl(database);
  const appUrl = Object.assign(new URL(url), { username: login, password: "a b/c" }).href;
  let admin: pg.Client;

  beforeAll(async () => {
    admin = new pg.Client(serverUrl("postgres"));
    await admin.connect();
    await admin.query(`CREATE DATABASE ${database}`);
    await admin.query(`CREATE ROLE ${login} LOGIN PASSWORD 'a b/c'`);
  });
  afterAll(async () => {
    await admin.query(`DROP DATABASE ${database} WITH (FORCE)`);
    await admin.query(`DROP ROLE ${login}`);
    await admin.end();
  });

  it("run once when three connections start them at once, and do nothing the next time", async () => {
    await Promise.all([migrate(url), migrate(url), migrate(url)]);
    await migrate(url);
    const db = await makeDataSource(url, {}).initialize();
    const applied = await rows<{ name: string }>(db.manager, "SELECT name FROM migrations ORDER BY id");
    expect(applied.map(({ name }) => name)).toEqual(db.migrations.map(({ name }) => name));
    await db.destroy();
  });

  it("create the schema that the entities declare", async () => {
    await migrate(url);
    const db = await makeDataSource(url, {}).initialize();
    const { upQueries } = await db.driver.createSchemaBuilder().log();
    await db.destroy();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it("give no rights to a login without the application's role", async () => {
    await migrate(url);
    await expect(connect(appUrl)).rejects.toThrow(/permission denied to set role|countersign_app/);
  });

  it("grant the application's role, and no more, to a separate login of the application", async () => {
    await migrate(url, appUrl);
    await migrate(url, appUrl);
    const db = await connect(appUrl);
    try {
      expect(await rows(db.manager, "SELECT current_user AS role, session_user AS login")).toEqual([
        { role: "countersign_app", login },
      ]);
      const { id } = await aContact(db);
      expect(await db.manager.countBy(Contact, { id })).toBe(1);
      for (const forbidden of [
        "CREATE TABLE mine (id text)",
        "DELETE FROM job",
        "ALTER TABLE contact DISABLE TRIGGER ALL",
        "SET ROLE NONE; DELETE FROM job",
        `SET ROLE ${pg.escapeIdentifier(new URL(url).username)}`,
      ])
        await expect(rows(db.manager, forbidden)).rejects.toMatchObject({ code: "42501" });
    } finally {
      await db.destroy();
    }
  });
});
