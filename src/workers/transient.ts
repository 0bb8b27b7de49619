/** Network errors of Node and pg, by their code. */
const NETWORK = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "ENOENT",
  "EHOSTUNREACH",
]);

/**
 * Whether the same work may succeed later: the database was away or restarting (classes 08, 53, 57), or another
 * transaction was in the way (40001, 40P01, 55P03, 25P03). What came of a lost COMMIT stands in the job row.
 */
export function isTransient(error: unknown): boolean {
  if (!(typeof error === "object" && error !== null)) return false;
  const { code, message, driverError } = error as {
    code?: unknown;
    message?: unknown;
    driverError?: unknown;
  };
  if (driverError && isTransient(driverError)) return true;
  if (typeof code === "string" && (NETWORK.has(code) || /^(08|40|53|57|55P03|25P03)/.test(code))) return true;
  // pg's own words for a socket that closed or a pool that gave no connection in time.
  return (
    typeof message === "string" &&
    /connection (terminated|timeout)|timeout exceeded|not queryable/i.test(message)
  );
}
