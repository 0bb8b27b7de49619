import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { examine } from "../../src/cli/doctor.ts";
import { lineOf } from "../../src/cli/finding.ts";
import { readConfig } from "../../src/config.ts";
import { startEmbedded, type EmbeddedPostgres } from "../../src/database/embedded/index.ts";
import { makeLog } from "../../src/log.ts";
import { openDatabase } from "../../src/open-database.ts";
import { makeShutdown } from "../../src/shutdown.ts";
import { tempFolder } from "../support/leftovers.ts";
import { startPooler } from "../support/pooler.ts";
import { OWN, REFUSED } from "./refused-databases.ts";

const LOGINS = ["office", "desk"];

describe("a PostgreSQL that cannot do the work", () => {
  let server: EmbeddedPostgres;
  let admin: pg.Client;
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await tempFolder("preflight");
    await chmod(dataDir, 0o755);
    server = await startEmbedded({ dataDir, settings: { fsync: "off" } });
    admin = new pg.Client(urlIn("postgres"));
    await admin.connect();
    for (const login of LOGINS) await admin.query(`CREATE ROLE ${login} LOGIN PASSWORD 'pw'`);
    await writeUntrusted(join(dataDir, "untrusted"));
  });
  afterEach(async () => {
    await admin.query("DROP DATABASE IF EXISTS crm WITH (FORCE)");
    await admin.query("DROP DATABASE IF EXISTS crm_utf8 WITH (FORCE)");
    await admin.query("DROP ROLE IF EXISTS countersign_app");
    await admin.query("ALTER ROLE office RESET ALL");
  });
  afterAll(async () => {
    await admin.end();
    await server.stop();
  });

  function urlIn(database: string, login?: string): string {
    const url = Object.assign(new URL(server.url), { pathname: `/${database}` });
    return login ? Object.assign(url, { username: login, password: "pw" }).href : url.href;
  }
  async function asSuperuser(database: string, sql: string): Promise<pg.QueryResult> {
    const client = new pg.Client(urlIn(database));
    await client.connect();
    try {
      let last: pg.QueryResult | undefined;
      // One by one: CREATE DATABASE must not run in a transaction.
      for (const statement of sql.split("; ").filter(Boolean)) last = await client.query(statement);
      if (!last) throw new Error("no statement");
      return last;
    } finally {
      await client.end();
    }
  }
  const environment = (url: string, ownerUrl?: string) => ({
    DATA_DIR: dataDir,
    DATABASE_URL: url,
    ...(ownerUrl && { DATABASE_OWNER_URL: ownerUrl }),
  });
  /** What a start says: the refusal, or nothing. */
  async function started(url: string, ownerUrl?: string): Promise<string> {
    const shutdown = makeShutdown(() => undefined);
    const opening = openDatabase(readConfig(environment(url, ownerUrl)), {
      log: makeLog("silent"),
      shutdown,
    });
    return opening
      .then(
        () => "",
        (error: Error) => error.message,
      )
      .finally(() => shutdown.run());
  }
  async function doctorSays(url: string, ownerUrl?: string): Promise<string> {
    const finding = (await examine(environment(url, ownerUrl))).find(({ part }) => part === "database");
    return finding ? lineOf(finding) : "";
  }
  const writtenTo = async (database: string) =>
    (
      await asSuperuser(
        database,
        "SELECT FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'migrations'",
      )
    ).rowCount;

  it.each(REFUSED)(
    "is refused before the first migration, by the doctor too, when $title; what the line says to run helps",
    async ({ create = OWN, prepare = "", login = "office", ownerLogin, what, todo }) => {
      await asSuperuser("postgres", create);
      if (prepare) await asSuperuser("crm", prepare.replace("/untrusted", join(dataDir, "untrusted")));
      const [url, ownerUrl] = [urlIn("crm", login), ownerLogin && urlIn("crm", ownerLogin)];

      const variable = ownerUrl ? "DATABASE_OWNER_URL" : "DATABASE_URL";
      const [told] = todo.split("; GRANT countersign_app TO office"); // Also needed, and said by the next start.
      expect(await started(url, ownerUrl)).toBe(`${variable}: ${what}. ${told}`);
      expect(await doctorSays(url, ownerUrl)).toBe(`FAIL database  ${what}; do: ${told?.replace(/\.$/, "")}`);
      expect(await writtenTo("crm")).toBe(0);

      const statements = /[Rr]un(?: in database "crm")?: (.*?)(; and set the URL to it.)?$/.exec(todo)?.[1];
      if (!statements) return;
      await asSuperuser("crm", statements);
      const other = todo.includes("set the URL") ? "crm_utf8" : "crm";
      if (other !== "crm") await asSuperuser(other, "ALTER DATABASE crm_utf8 OWNER TO office");
      expect(await doctorSays(urlIn(other, login), ownerUrl)).not.toContain(what);
    },
  );

  it("starts with a prepared role, as a login that is no superuser and may create no roles", async () => {
    await asSuperuser(
      "postgres",
      `CREATE ROLE countersign_app NOLOGIN; GRANT countersign_app TO desk; ${OWN}`,
    );
    const [url, ownerUrl] = [urlIn("crm", "desk"), urlIn("crm", "office")];
    expect(await started(url, ownerUrl)).toBe("");
    expect(await doctorSays(url, ownerUrl)).toMatch(/^ok {3}database/);
  });

  it("starts as a login that may create roles, and grants the role to the application's login", async () => {
    await asSuperuser("postgres", `ALTER ROLE office CREATEROLE; ${OWN}`);
    try {
      expect(await started(urlIn("crm", "desk"), urlIn("crm", "office"))).toBe("");
      expect(await started(urlIn("crm", "office"))).toBe("");
    } finally {
      await asSuperuser("postgres", "ALTER ROLE office NOCREATEROLE");
    }
  });

  it.each([
    ["that refuses startup parameters", { options: "refused" }],
    ["that ignores startup parameters", { options: "ignored" }],
    ["that gives the connection used last to the next transaction", { options: "passed on" }],
    ["that takes its connections in turn", { options: "passed on", next: "in turn" }],
  ] as const)("is refused behind a pooler %s, by the doctor too", async (_, behaviour) => {
    await asSuperuser(
      "postgres",
      `CREATE ROLE countersign_app NOLOGIN; GRANT countersign_app TO office; ${OWN}`,
    );
    const pooler = await startPooler(urlIn("crm", "office"), behaviour);
    const { host } = new URL(pooler.url);
    const what = `a connection pooler answers at ${host}, which loses the settings, locks and LISTEN of a connection`;
    const todo = "Set the URL to PostgreSQL itself: its own host and port, usually 5432";
    expect(await started(pooler.url)).toBe(`DATABASE_URL: ${what}. ${todo}.`);
    expect(await doctorSays(pooler.url)).toBe(`FAIL database  ${what}; do: ${todo}`);
    pooler.stop();
    expect(await writtenTo("crm")).toBe(0);
  });

  it("is refused when the URL has options, which would replace the program's", async () => {
    await asSuperuser("postgres", OWN);
    const url = `${urlIn("crm", "office")}?options=-c%20work_mem%3D64MB`;
    const what = 'its parameter "options" would replace the settings that Countersign connects with';
    const todo =
      'Remove "options" from the URL; to keep one of its settings, run: ALTER ROLE … SET name = value';
    expect(await started(url)).toBe(`DATABASE_URL: ${what}. ${todo}.`);
    expect(await doctorSays(url)).toBe(`FAIL database  ${what}; do: ${todo}`);
  });
});

/** Copies of the extensions' descriptions, as a server has them that trusts none. */
async function writeUntrusted(folder: string): Promise<void> {
  await mkdir(join(folder, "extension"), { recursive: true });
  for (const name of ["btree_gist", "pg_trgm", "unaccent"]) {
    await writeFile(
      join(folder, "extension", `${name}.control`),
      "default_version = '1.0'\ntrusted = false\n",
    );
    await writeFile(join(folder, "extension", `${name}--1.0.sql`), "SELECT 1;\n");
  }
}
