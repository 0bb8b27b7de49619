import { randomBytes } from "node:crypto";
import pg from "pg";
import { SteadyClient } from "../steady-client.ts";
import { PreflightError } from "./error.ts";

/** A setting of our own: any login may set it, and PostgreSQL gives it back for the life of the connection. */
const MARK = "countersign.preflight";
const TIMEOUT_MS = 5_000;
const SEEN = `SELECT pg_backend_pid() AS pid, current_setting('${MARK}', true) AS mark`;

/** More than one statement: a pooler that takes its connections in turn changes them between two. */
const STATEMENTS = 3;

/**
 * Opens a connection for the checks, after it has proved to be a session of PostgreSQL's own. Settings, advisory locks,
 * prepared statements and LISTEN belong to a session; a pooler loses them without an error.
 */
export async function openSession(url: string): Promise<pg.Client> {
  refuseOptions(url);
  const mark = randomBytes(6).toString("hex");
  const client = await connect(url, mark);
  try {
    await refusePooler(client, url, mark);
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

/** The `options` of a URL replace those that the program connects with: role, time zone and timeouts. */
function refuseOptions(url: string): void {
  if (!new URL(url).searchParams.has("options")) return;
  throw new PreflightError(
    'its parameter "options" would replace the settings that Countersign connects with',
    'Remove "options" from the URL; to keep one of its settings, run: ALTER ROLE … SET name = value.',
  );
}

async function connect(url: string, mark: string): Promise<pg.Client> {
  const client = new SteadyClient({
    connectionString: url,
    options: `-c ${MARK}=${mark}`,
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
  });
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    // PgBouncer's refusal; PostgreSQL knows the parameter.
    if (error instanceof Error && error.message.includes("unsupported startup parameter")) throw pooler(url);
    throw error;
  }
}

/**
 * Asks for the process that serves this connection while another connection holds one in a transaction: a pooler that
 * assigns processes for each transaction or statement must answer with another process, or not at all.
 */
async function refusePooler(client: pg.Client, url: string, mark: string): Promise<void> {
  const seen: Seen[] = [];
  for (let n = 0; n < STATEMENTS; n++) seen.push(await ask(client));
  const other = await connect(url, mark);
  try {
    await other.query("BEGIN");
    seen.push(await ask(client));
  } finally {
    await other.end().catch(() => undefined); // Ends the transaction too.
  }
  if (seen.some((each) => each.mark !== mark || each.pid !== seen[0]?.pid)) throw pooler(url);
}

/** The mark and the server's process as one statement finds them; null without an answer. */
interface Seen {
  mark: string | null;
  pid: number | null;
}

async function ask(client: pg.Client): Promise<Seen> {
  try {
    const { rows } = await client.query<Seen>(SEEN);
    return rows[0] ?? { mark: null, pid: null };
  } catch (error) {
    // All connections of a small pool are taken.
    if (error instanceof Error && error.message === "Query read timeout") return { mark: null, pid: null };
    throw error;
  }
}

function pooler(url: string): PreflightError {
  const { host } = new URL(url);
  return new PreflightError(
    `a connection pooler answers at ${host}, which loses the settings, locks and LISTEN of a connection`,
    "Set the URL to PostgreSQL itself: its own host and port, usually 5432.",
  );
}
