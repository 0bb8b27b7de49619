import { QueryFailedError } from "typeorm";
import { isTransient } from "../../../src/domain/core/database-errors.ts";

const withCode = (code: string) => Object.assign(new Error("refused"), { code });
const fromDriver = (code: string) => new QueryFailedError("SELECT 1", [], withCode(code));

describe("isTransient()", () => {
  it.each([
    ["08006", "the connection failed"],
    ["08P01", "a protocol violation"],
    ["40001", "a serialization failure"],
    ["40P01", "a deadlock"],
    ["53300", "too many connections"],
    ["57P01", "the server shuts down"],
    ["55P03", "a lock timeout"],
    ["25P03", "an idle transaction was ended"],
    ["ECONNREFUSED", "nothing listens"],
    ["ECONNRESET", "the connection was cut"],
  ])("is true for %s (%s), by itself and as TypeORM's cause", (code) => {
    expect(isTransient(withCode(code))).toBe(true);
    expect(isTransient(fromDriver(code))).toBe(true);
  });

  it.each(["22003", "23505", "23P01", "25P02", "42601", "42P01", "42501", "55000", "XX000", "EACCES"])(
    "is false for %s",
    (code) => {
      expect(isTransient(withCode(code))).toBe(false);
      expect(isTransient(fromDriver(code))).toBe(false);
    },
  );

  it.each([
    "Connection terminated unexpectedly",
    "Connection terminated due to connection timeout",
    "timeout exceeded when trying to connect",
    "Client has encountered a connection error and is not queryable",
  ])("is true for pg's message: %s", (message) => expect(isTransient(new Error(message))).toBe(true));

  it("is false for other errors and for values that are not errors", () => {
    for (const thrown of [new TypeError("x is undefined"), "08006", null, undefined, 5, {}])
      expect(isTransient(thrown)).toBe(false);
  });
});
