import { type DataSource, QueryFailedError } from "typeorm";
import { conflict, CrmError } from "./errors.ts";

/**
 * What an error of the database means for the caller.
 * - `refused`: the statement broke a rule or holds a value that cannot be stored. Repeating it does not help.
 * - `transient`: a conflict with another transaction. The same work may succeed at once.
 * - `unavailable`: the database cannot be reached or is out of resources. The same work may succeed later. Whether a
 *   lost COMMIT succeeded is in the job row.
 * - `bug`: everything else.
 */
export type DatabaseFault = "refused" | "transient" | "unavailable" | "bug";

/** By SQLSTATE, the longest prefix first: https://www.postgresql.org/docs/17/errcodes-appendix.html */
const BY_SQLSTATE: readonly (readonly [prefix: string, fault: DatabaseFault])[] = [
  ["23502", "bug"], // not_null_violation: a statement of this code base left out a column.
  ["25P03", "transient"], // idle_in_transaction_session_timeout
  ["55P03", "transient"], // lock_not_available: a lock timeout
  ["57014", "transient"], // query_canceled: a statement timeout
  ["08", "unavailable"], // connection exception
  ["22", "refused"], // data exception
  ["23", "refused"], // integrity constraint violation
  ["40", "transient"], // transaction rollback: deadlock, serialization failure
  ["53", "unavailable"], // insufficient resources
  ["54", "refused"], // program limit exceeded: a value too large for an index
  ["57", "unavailable"], // operator intervention: shutdown, crash, starting up
];

/** Network errors of Node, by their code. */
const NETWORK = /^(ECONN\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;

/**
 * Messages of pg and TypeORM for a lost connection or an exhausted pool. These errors have no code. TypeORM releases a
 * query runner when its connection ends; the transaction's next query says so.
 */
const LOST_CONNECTION =
  /connection (error|terminated|timeout)|timeout exceeded|not queryable|is not (yet )?(connected|established|initialized)|end on the pool|already released/i;

/** Classifies any thrown value. TypeORM wraps the driver's error as `driverError`. */
export function databaseFault(error: unknown): DatabaseFault {
  if (typeof error !== "object" || error === null) return "bug";
  // Any property of a thrown object may be missing or of any type; each is tested below.
  const { code, syscall, message, driverError } = error as Partial<Record<string, unknown>>;
  if (driverError) return databaseFault(driverError);
  const text = typeof code === "string" ? code : "";
  const noSocket = text === "ENOENT" && syscall === "connect"; // Otherwise ENOENT means a missing file.
  if (noSocket || NETWORK.test(text)) return "unavailable";
  const known = BY_SQLSTATE.find(([prefix]) => text.length === 5 && text.startsWith(prefix));
  if (known) return known[1];
  return typeof message === "string" && LOST_CONNECTION.test(message) ? "unavailable" : "bug";
}

/** Whether the same work may succeed later. */
export const isTransient = (error: unknown): boolean =>
  ["transient", "unavailable"].includes(databaseFault(error));

/** A refusal by the database as a CrmError; undefined for every other error. */
export function refusalOf(error: unknown, dataSource: DataSource): CrmError | undefined {
  if (error instanceof CrmError) return error;
  if (!(error instanceof QueryFailedError) || databaseFault(error) !== "refused") return undefined;
  const { constraint } = error.driverError as { constraint?: unknown }; // pg's DatabaseError.
  if (typeof constraint !== "string") return unstorableValue();
  const message =
    messagesOf(dataSource).get(constraint) ?? `A rule of the database refused this: ${constraint}.`;
  return conflict(message, "Read the records again with crm_query, then change the request.", { constraint });
}

const unstorableValue = (): CrmError =>
  new CrmError("validation_failed", "A value is outside the range that can be stored.", {
    hint: "Check the numbers, dates and long texts in `data`.",
  });

const collected = new WeakMap<DataSource, ReadonlyMap<string, string>>();

/** The message of each constraint, as the entities declare it (`BusinessRecord.constraints`). */
function messagesOf(dataSource: DataSource): ReadonlyMap<string, string> {
  const known = collected.get(dataSource);
  if (known) return known;
  const messages = new Map(
    dataSource.entityMetadatas.flatMap(({ target }) => Object.entries(constraintsOf(target))),
  );
  collected.set(dataSource, messages);
  return messages;
}

/** Only business records declare constraints; jobs, sessions and the like do not. */
const constraintsOf = (target: unknown): Readonly<Record<string, string>> =>
  typeof target === "function" && "constraints" in target
    ? (target.constraints as Readonly<Record<string, string>>) // Declared so in BusinessRecord.
    : {};
