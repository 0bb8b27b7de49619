import type pg from "pg";
import { APP_ROLE } from "../data-source.ts";
import { migrationNames } from "../migrations/index.ts";
import { PreflightError } from "./error.ts";

export interface Needs {
  /** The login of the application. */
  login: string;
  /** BullMQ's tables are in this database too. */
  queue: boolean;
}

/** What the migrations install. PostgreSQL trusts all of them: an owner of the database may create them. */
const EXTENSIONS = ["btree_gist", "pg_trgm", "unaccent"];

interface Rights {
  database: string;
  owner: string;
  superuser: boolean;
  createInDatabase: boolean;
  createInPublic: boolean;
  /** Who owns the tables, if it is somebody else. */
  stranger: string | null;
}

/** Checks what the owner may do, before the first statement of a migration does it. */
export async function checkRights(client: pg.Client, needs: Needs): Promise<void> {
  const { rows } = await client.query<Rights>(
    `SELECT current_database() AS database, current_user AS owner,
       (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser,
       has_database_privilege(current_database(), 'CREATE') AS "createInDatabase",
       has_schema_privilege('public', 'CREATE') AS "createInPublic",
       (SELECT pg_get_userbyid(relowner) FROM pg_class
        WHERE oid = to_regclass('public.migrations') AND NOT pg_has_role(relowner, 'USAGE')) AS stranger`,
  );
  const rights = rows[0] as Rights; // A SELECT without FROM has one row.
  if (rights.stranger !== null)
    throw new PreflightError(
      `the tables in database "${rights.database}" belong to "${rights.stranger}", not to "${rights.owner}"`,
      `Set DATABASE_OWNER_URL to a URL with the login "${rights.stranger}".`,
    );
  const missing = await checkExtensions(client, rights);
  await checkCreate(client, rights, needs.queue || missing);
  await checkRole(client, rights.owner, needs.login);
}

// ---- Extensions ----

interface Extension {
  name: string;
  /** The schema that contains it; null if it is not installed. */
  schema: string | null;
  available: boolean;
  trusted: boolean;
}

/** Whether an extension must be installed yet. */
async function checkExtensions(client: pg.Client, { database, superuser }: Rights): Promise<boolean> {
  const { rows } = await client.query<Extension>(
    `SELECT name, (SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = name) AS schema,
       count(version) > 0 AS available, coalesce(bool_or(trusted), false) AS trusted
     FROM unnest($1::text[]) name LEFT JOIN pg_available_extension_versions USING (name) GROUP BY name ORDER BY name`,
    [EXTENSIONS],
  );
  const hidden = rows.filter(({ schema }) => schema !== null && !["public", "pg_catalog"].includes(schema));
  if (hidden.length > 0)
    throw new PreflightError(
      `the extension ${namesOf(hidden)} is in schema ${hidden[0]?.schema}, not in public`,
      `As a superuser, run in database "${database}": ${statements(hidden, (name) => `ALTER EXTENSION ${name} SET SCHEMA public`)}`,
    );
  const missing = rows.filter(({ schema }) => schema === null);
  const absent = missing.filter(({ available }) => !available);
  if (absent.length > 0)
    throw new PreflightError(
      `PostgreSQL has no extension ${namesOf(absent)}`,
      "Install its contrib package on the database's machine, for example: apt-get install postgresql-contrib",
    );
  const untrusted = missing.filter(({ trusted }) => !trusted && !superuser);
  if (untrusted.length > 0)
    throw new PreflightError(
      `only a superuser may install the extension ${namesOf(untrusted)} here`,
      `As a superuser, run in database "${database}": ${statements(untrusted, (name) => `CREATE EXTENSION ${name} SCHEMA public`)}`,
    );
  return missing.length > 0;
}

const namesOf = (extensions: Extension[]): string => extensions.map(({ name }) => name).join(", ");

const statements = (extensions: Extension[], statement: (name: string) => string): string =>
  extensions.map(({ name }) => statement(name)).join("; ");

// ---- Creating tables ----

/** CREATE in the database is for extensions and BullMQ's schema, which asks for it at each start. */
async function checkCreate(client: pg.Client, rights: Rights, inDatabase: boolean): Promise<void> {
  const { database, owner, createInDatabase, createInPublic } = rights;
  const to = `TO ${client.escapeIdentifier(owner)}`;
  const grants: string[] = [];
  if (inDatabase && !createInDatabase)
    grants.push(`GRANT CREATE ON DATABASE ${client.escapeIdentifier(database)} ${to}`);
  if (!createInPublic && (await migrationsAreMissing(client)))
    grants.push(`GRANT USAGE, CREATE ON SCHEMA public ${to}`);
  if (grants.length === 0) return;
  throw new PreflightError(
    `login "${owner}" may not create tables in database "${database}"`,
    `As a superuser, run in database "${database}": ${grants.join("; ")}`,
  );
}

async function migrationsAreMissing(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query("SELECT to_regclass('public.migrations') IS NOT NULL AS there");
  if (!rows[0].there) return true;
  const applied = await client.query<{ name: string }>("SELECT name FROM public.migrations");
  return migrationNames.some((name) => !applied.rows.some((row) => row.name === name));
}

// ---- The application's role ----

interface Role {
  superuser: boolean;
  /** The application's login may take on the role. */
  usable: boolean;
  /** The owner may let it. */
  grantable: boolean;
}

/** Whether a login may take on a role: since PostgreSQL 16, a membership may exclude that. */
export const MAY_SET_ROLE = `CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END`;

/** Accepts a role that an administrator has prepared, or an owner who may create it. */
async function checkRole(client: pg.Client, owner: string, login: string): Promise<void> {
  const logins = [...new Set([owner, login])].map((name) => client.escapeIdentifier(name)).join(", ");
  const { rows } = await client.query<Role>(
    `SELECT r.rolsuper AS superuser, pg_has_role($2, r.oid, ${MAY_SET_ROLE}) AS usable,
       o.rolsuper OR pg_has_role($1, r.oid, 'MEMBER WITH ADMIN OPTION')
         OR (o.rolcreaterole AND current_setting('server_version_num')::int < 160000) AS grantable
     FROM pg_roles r, pg_roles o WHERE r.rolname = $3 AND o.rolname = $1`,
    [owner, login, APP_ROLE],
  );
  const role = rows[0];
  if (role?.superuser)
    throw new PreflightError(
      `the role ${APP_ROLE} is a superuser, so nothing protects the audit from the application`,
      `As another superuser, run: ALTER ROLE ${APP_ROLE} NOSUPERUSER`,
    );
  if (role === undefined && !(await mayCreateRoles(client)))
    throw new PreflightError(
      `login "${owner}" may not create the role ${APP_ROLE}, which does not exist`,
      `As a superuser, run: CREATE ROLE ${APP_ROLE} NOLOGIN; GRANT ${APP_ROLE} TO ${logins}`,
    );
  if (role && !role.usable && !role.grantable)
    throw new PreflightError(
      `login "${login}" may not use the role ${APP_ROLE}, and "${owner}" may not grant it`,
      `As a superuser, run: GRANT ${APP_ROLE} TO ${client.escapeIdentifier(login)}`,
    );
}

async function mayCreateRoles(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query(
    "SELECT rolsuper OR rolcreaterole AS may FROM pg_roles WHERE rolname = current_user",
  );
  return rows[0].may;
}
