import { QueryFailedError } from "typeorm";
import { databaseFault, isTransient, refusalOf } from "../../../src/domain/core/database-errors.ts";
import { rows } from "../../../src/database/sql.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";

/** As pg throws it. */
const sqlError = (code: string, more = {}) => Object.assign(new Error("refused"), { code, ...more });
const networkError = (code: string, syscall = "connect") => Object.assign(new Error(code), { code, syscall });
const wrapped = (driverError: Error) => new QueryFailedError("SELECT 1", [], driverError);

describe("databaseFault", () => {
  it.each([
    ["08006", "connection_failure", "unavailable"],
    ["08P01", "protocol_violation", "unavailable"],
    ["22001", "string_data_right_truncation", "refused"],
    ["22003", "numeric_value_out_of_range", "refused"],
    ["22P05", "untranslatable_character", "refused"],
    ["23502", "not_null_violation", "bug"],
    ["23503", "foreign_key_violation", "refused"],
    ["23505", "unique_violation", "refused"],
    ["23514", "check_violation", "refused"],
    ["23P01", "exclusion_violation", "refused"],
    ["25P02", "in_failed_sql_transaction", "bug"],
    ["25P03", "idle_in_transaction_session_timeout", "transient"],
    ["40001", "serialization_failure", "transient"],
    ["40P01", "deadlock_detected", "transient"],
    ["42501", "insufficient_privilege", "bug"],
    ["42601", "syntax_error", "bug"],
    ["42P01", "undefined_table", "bug"],
    ["53100", "disk_full", "unavailable"],
    ["53300", "too_many_connections", "unavailable"],
    ["54000", "program_limit_exceeded", "refused"],
    ["55006", "object_in_use", "bug"],
    ["55P03", "lock_not_available", "transient"],
    ["57014", "query_canceled", "transient"],
    ["57P01", "admin_shutdown", "unavailable"],
    ["57P03", "cannot_connect_now", "unavailable"],
    ["CS001", "a change outside a claimed job", "bug"],
    ["CS002", "a change of a job that has ended", "bug"],
    ["XX000", "internal_error", "bug"],
  ])("classifies %s (%s) as %s, wrapped by TypeORM or not", (code, _name, fault) => {
    expect(databaseFault(sqlError(code))).toBe(fault);
    expect(databaseFault(wrapped(sqlError(code)))).toBe(fault);
    expect(isTransient(wrapped(sqlError(code)))).toBe(fault === "transient" || fault === "unavailable");
  });

  it.each([
    "ECONNREFUSED",
    "ECONNRESET",
    "ECONNABORTED",
    "EPIPE",
    "ETIMEDOUT",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "ENOTFOUND",
    "EAI_AGAIN",
    "ENOENT",
  ])("classifies the network error %s as unavailable", (code) => {
    expect(databaseFault(networkError(code))).toBe("unavailable");
  });

  it("classifies a missing file as a bug", () => {
    expect(databaseFault(networkError("ENOENT", "open"))).toBe("bug");
  });

  it.each([
    "Connection terminated",
    "Connection terminated unexpectedly",
    "Connection terminated due to connection timeout",
    "timeout exceeded when trying to connect",
    "Client has encountered a connection error and is not queryable",
    "Client was closed and is not queryable",
    "Cannot use a pool after calling end on the pool",
    "Query runner already released. Cannot run queries anymore.",
  ])("classifies pg's error without a code %j as unavailable", (message) => {
    expect(databaseFault(new Error(message))).toBe("unavailable");
  });

  it.each([[undefined], [null], ["ECONNREFUSED"], [{}], [new TypeError("x is not a function")]])(
    "classifies %p as a bug",
    (thrown) => {
      expect(databaseFault(thrown)).toBe("bug");
    },
  );
});

describe("refusalOf", () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await testDatabase();
  });
  afterAll(() => test.drop());

  it("returns the entity's message for a constraint that it declares", () => {
    const error = wrapped(sqlError("23505", { constraint: "template_name_channel_key" }));
    expect(refusalOf(error, test.db)?.body).toMatchObject({
      code: "conflict",
      message: "A template with this name and channel already exists. Archived templates count, too.",
      constraint: "template_name_channel_key",
    });
  });

  it("names a constraint that has no message", () => {
    const error = wrapped(sqlError("23514", { constraint: "contact_kind" }));
    expect(refusalOf(error, test.db)?.body).toMatchObject({
      message: "A rule of the database refused this: contact_kind.",
      hint: "Read the records again with crm_query, then change the request.",
    });
  });

  it.each(["22003", "54000"])("returns validation_failed for %s", (code) => {
    expect(refusalOf(wrapped(sqlError(code)), test.db)?.body).toMatchObject({
      code: "validation_failed",
      message: "A value is outside the range that can be stored.",
      hint: "Check the numbers, dates and long texts in `data`.",
    });
  });

  it.each(["40P01", "55P03", "57P01", "42601", "23502"])("returns nothing for %s", (code) => {
    expect(refusalOf(wrapped(sqlError(code)), test.db)).toBeUndefined();
  });

  it("returns nothing for an error that is not PostgreSQL's", () => {
    expect(refusalOf(sqlError("23505"), test.db)).toBeUndefined();
  });

  describe("the messages of constraints", () => {
    /** A person's or a model's request never reaches these. */
    const UNREACHABLE: readonly (readonly [RegExp, string])[] = [
      [/_pk$/, "the server makes the ids"],
      [
        /_(kind|status|state|type|channel|direction|urgency|entity|role)$/,
        "the input's schema lists the values",
      ],
      [
        /^(job|authorization|delivery|session|api_token|invitation|webhook_endpoint)_/,
        "rows of the machinery",
      ],
      [/_single$/, "the server writes the only row"],
      [/_number_key$/, "the server counts the numbers"],
      [/_(pay|visit|offer)_token_key$|_token_hash_key$/, "the server makes the tokens"],
      [/_owner$/, "the handler sets exactly one owner"],
      [/^message_received$/, "the handler sets direction and status together"],
      [/^contact_search/, "the search index, filled by triggers"],
      [/^personal_data/, "a table of the migrations"],
      [/^security_event_minute$/, "counted by a function of the migrations"],
      [/^seal_/, "the seals, which a function of the migrations writes"],
      [/^migrations?_|^PK_/, "TypeORM's table of migrations"],
    ];

    const constraints = () =>
      rows<{ name: string }>(
        test.db.manager,
        `SELECT conname AS name FROM pg_constraint
         WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'u', 'x', 'p')
         UNION
         SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
         WHERE indisunique AND relnamespace = 'public'::regnamespace ORDER BY 1`,
      );
    const words = (name: string) =>
      refusalOf(wrapped(sqlError("23514", { constraint: name })), test.db)?.message ?? "";
    const hasWords = (name: string) => !words(name).includes(name);
    const isUnreachable = (name: string) => UNREACHABLE.some(([pattern]) => pattern.test(name));

    it("exist for every constraint that a request can violate", async () => {
      const names = (await constraints()).map(({ name }) => name);
      expect(names.length).toBeGreaterThan(50);
      expect(names.filter((name) => !hasWords(name) && !isUnreachable(name))).toEqual([]);
    });

    it("exist for no constraint that the schema lacks", async () => {
      const names = new Set((await constraints()).map(({ name }) => name));
      const declared = test.db.entityMetadatas.flatMap(({ target }) =>
        Object.keys(Reflect.get(target as object, "constraints") ?? {}),
      );
      expect(declared.filter((name) => !names.has(name))).toEqual([]);
    });

    it("are missing for at least one constraint under each listed reason", async () => {
      const silent = (await constraints()).map(({ name }) => name).filter((name) => !hasWords(name));
      expect(UNREACHABLE.filter(([pattern]) => !silent.some((name) => pattern.test(name)))).toEqual([]);
    });
  });
});
