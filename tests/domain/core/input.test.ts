import { z } from "zod";
import { CrmError } from "../../../src/domain/core/errors.ts";
import { parse, parseEnvelope } from "../../../src/domain/core/input.ts";
import { shortestMs } from "../../support/timing.ts";

const request = z.strictObject({ action: z.string(), data: z.record(z.string(), z.unknown()) });
const pathsOf = (input: unknown): unknown => {
  try {
    return parseEnvelope(request, input);
  } catch (error) {
    return error instanceof CrmError ? error.body.fields.map(({ path }) => path) : error;
  }
};

describe("parseEnvelope", () => {
  it("returns `data` unchanged with all keys, for the action's schema to validate", () => {
    const data: unknown = JSON.parse(`{"note": "a\\u0000b", "__proto__": {"x": 1}}`);
    expect(parseEnvelope(request, { action: "create", data }).data).toBe(data);
  });

  it.each([
    ["a NUL byte beside data", { action: "a\0b", data: {} }, ["action"]],
    ["a lone surrogate beside data", { action: "\ud800", data: {} }, ["action"]],
    ["data that is not an object", { action: "create", data: "{}" }, ["data"]],
    ["null", null, [""]],
    ["a text", "create", [""]],
    ["no data", { action: "create" }, ["data"]],
    ["an unknown key", { action: "create", data: {}, why: "x" }, ["why"]],
  ])("refuses %s and names it", (_what, input, paths) => {
    expect(pathsOf(input)).toEqual(paths);
  });
});

describe("parse", () => {
  it("refuses 50,000 unknown keys, the most that a body holds, in a time that grows with their number", async () => {
    const refuse = (count: number) => {
      const keys = Object.fromEntries(Array.from({ length: count }, (_, nth) => [`key_${nth}`, nth]));
      return shortestMs(() => {
        expect(() => parse(z.strictObject({}), keys)).toThrow(new RegExp(`^${count} fields do not fit`));
      });
    };
    const few = await refuse(2_500);
    expect((await refuse(50_000)) / few).toBeLessThan(200); // 20 times the keys; with their square it were 400.
  });

  it("names a field with several faults once", () => {
    const even = z
      .number()
      .refine((value) => value > 5, "is too small")
      .refine((value) => value % 2 === 0, "is odd");
    expect(() => parse(z.object({ count: even }), { count: 3 })).toThrow(/^count: is too small$/);
  });

  const nested = (levels: number): unknown => (levels === 0 ? 1 : { in: nested(levels - 1) });

  it("accepts 32 levels and refuses 33", () => {
    expect(parse(z.unknown(), nested(32))).toEqual(nested(32));
    expect(() => parse(z.unknown(), nested(33), "data")).toThrow(
      /^data(\.in){33}: is nested deeper than 32 levels$/,
    );
  });

  it.each([
    ["NUL byte", "a\0b"],
    ["lone surrogate", "a\ud800"],
  ])("refuses a %s in a value and in a key", (fault, text) => {
    const says = `contains a ${fault}; remove it`;
    expect(() => parse(z.unknown(), { list: [1, text] })).toThrow(`list.1: ${says}`);
    expect(() => parse(z.unknown(), { list: { [text]: 1 } })).toThrow(`list: ${says}`);
  });
});
