import { createHash } from "node:crypto";
import { codeOf } from "./embedded/process.ts";
import { ask } from "./embedded/server.ts";
import { PreflightError } from "./preflight/error.ts";

/** SQLSTATE insufficient_privilege. */
const FORBIDDEN = "42501";

/**
 * Twelve hex digits that every process on this database computes alike and no other database shares: the server's own
 * identifier and the database's number on it. They stay the same after a restart or a failover, and change when a dump
 * is restored elsewhere.
 */
export async function identityOf(databaseUrl: string): Promise<string> {
  const [row] = await ask(
    databaseUrl,
    `SELECT system_identifier || ' ' || oid AS identity
     FROM pg_control_system(), pg_database WHERE datname = current_database()`,
  ).catch((error: unknown) => {
    if (codeOf(error) !== FORBIDDEN) throw error;
    throw new PreflightError(
      "the login may not read the identifier of the PostgreSQL server, which keeps installations on one Redis apart",
      "Set REDIS_PREFIX to a name that no other installation has, or run as a superuser: GRANT EXECUTE ON FUNCTION pg_control_system TO PUBLIC",
    );
  });
  return createHash("sha256").update(String(row?.identity)).digest("hex").slice(0, 12);
}
