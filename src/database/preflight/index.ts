import type pg from "pg";
import { PreflightError } from "./error.ts";
import { checkRights, type Needs } from "./rights.ts";
import { openSession } from "./session.ts";

const OLDEST_VERSION = 15;

/** Has the locale provider `builtin`, which exists on every operating system. */
const BUILTIN_LOCALES = 17;

interface Facts {
  number: number;
  version: string;
  database: string;
  login: string;
  encoding: string;
  ctype: string;
  /** The schema in which the login creates and finds tables; null if it may use none. */
  schema: string | null;
  path: string;
}

/**
 * Checks the PostgreSQL that the application connects to. Changes nothing; throws a PreflightError. Resolves with the
 * name of the login.
 */
export async function preflightLogin(url: string): Promise<string> {
  const client = await openSession(url);
  try {
    return await checkDatabase(client);
  } finally {
    await client.end();
  }
}

/** Checks that the owner can migrate the database and that the application's login can then use it, in the same way. */
export async function preflightOwner(ownerUrl: string, needs: Needs): Promise<void> {
  const client = await openSession(ownerUrl);
  try {
    await checkDatabase(client);
    await checkRights(client, needs);
  } finally {
    await client.end();
  }
}

async function checkDatabase(client: pg.Client): Promise<string> {
  const { rows } = await client.query<Facts>(
    `SELECT current_setting('server_version_num')::int / 10000 AS number,
       split_part(current_setting('server_version'), ' ', 1) AS version, current_database() AS database,
       session_user AS login, pg_encoding_to_char(encoding) AS encoding, datctype AS ctype,
       current_schema() AS schema, current_setting('search_path') AS path
     FROM pg_database WHERE datname = current_database()`,
  );
  const facts = rows[0] as Facts; // One row: the connection's own database.
  const { number, version, database, encoding } = facts;
  if (number < OLDEST_VERSION)
    throw new PreflightError(
      `PostgreSQL ${version} is too old`,
      `Use PostgreSQL ${OLDEST_VERSION} or newer.`,
    );
  if (encoding !== "UTF8")
    throw new PreflightError(
      `database "${database}" has the encoding ${encoding}, not UTF8`,
      anotherDatabase(client, facts),
    );
  if (!(await knowsLetters(client)))
    throw new PreflightError(
      `database "${database}" has LC_CTYPE ${facts.ctype}, which knows no letters but A to Z, so customers such as Éva are not found`,
      anotherDatabase(client, facts),
    );
  checkSearchPath(client, facts);
  return facts.login;
}

/** Asks for what the search needs, because the name of a locale says too little: LC_CTYPE C works with another provider. */
async function knowsLetters(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ knows: boolean }>(
    "SELECT lower('ÉЖ') = 'éж' AND 'é' ~ '[[:alpha:]]' AS knows",
  );
  return rows[0]?.knows === true;
}

function anotherDatabase(client: pg.Client, { number, database }: Facts): string {
  const locale =
    number >= BUILTIN_LOCALES ? "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'" : "LOCALE 'C.UTF-8'";
  const name = client.escapeIdentifier(`${database}_utf8`);
  return `Run: CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' ${locale}; and set the URL to it.`;
}

/** Tables are created and found in `public`, which the functions of the schema name. */
function checkSearchPath(client: pg.Client, { schema, path, login, database }: Facts): void {
  if (schema === "public" || (schema === null && /\bpublic\b/.test(path))) return;
  const [role, here] = [client.escapeIdentifier(login), client.escapeIdentifier(database)];
  throw new PreflightError(
    `login "${login}" has the search_path ${path}, in which the first schema is ${schema ?? "missing"}, not public`,
    `Run: ALTER ROLE ${role} IN DATABASE ${here} SET search_path = public`,
  );
}
