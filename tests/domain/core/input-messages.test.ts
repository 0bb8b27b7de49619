import { z } from "zod";
import { CrmError, notFound } from "../../../src/domain/core/errors.ts";
import { parse } from "../../../src/domain/core/input.ts";
import { dateInput, momentInput } from "../../../src/domain/core/time.ts";

const refusalOf = (schema: z.ZodType, input: unknown) => {
  try {
    return parse(schema, input, "data");
  } catch (error) {
    return error instanceof CrmError ? error.body.fields : error;
  }
};
const saidOf = (schema: z.ZodType, input: unknown) =>
  refusalOf(z.strictObject({ at: schema }), { at: input });

describe("an invalid field", () => {
  it.each<[string, z.ZodType, unknown, string]>([
    ["left out", z.string(), undefined, "is missing"],
    [
      "left out of a partial",
      z.object({ a: z.string() }).partial().required().shape.a,
      undefined,
      "is missing",
    ],
    ["of another kind", z.string(), 5, "must be text, not a number"],
    ["null", z.array(z.string()), null, "must be a list, not null"],
    ["a list", z.record(z.string(), z.number()), [], "must be an object, not a list"],
    ["a word for a flag", z.boolean(), "yes", "must be true or false, not text"],
    ["not whole", z.int(), 1.5, "must be a whole number"],
    ["too small", z.int().min(1), 0, "must be at least 1"],
    ["too large", z.int().max(100), 101, "must be at most 100"],
    ["empty", z.array(z.string()).min(1), [], "must not be empty"],
    ["too short", z.string().min(3), "ab", "needs at least 3 characters"],
    ["too long", z.string().max(3), "abcd", "may have 3 characters at most"],
    ["too many", z.array(z.string()).max(1), ["a", "b"], "may have 1 items at most"],
    ["none of the names", z.enum(["low", "high"]), "urgent", "must be one of: low, high"],
    ["no date", z.iso.date(), "2026-02-30", "must be a date such as 2026-11-23"],
    ["no such day", dateInput, "2026-02-30", "must be a date such as 2026-11-23"],
    ["no such hour", momentInput, "2026-11-23T25:00", "does not exist in the calendar or on the clock"],
    [
      "of no kind",
      z.union([z.string(), z.number()]),
      {},
      expect.stringContaining("none of the kinds") as string,
    ],
  ])("gets our message instead of zod's: %s", (_what, schema, input, message) => {
    expect(saidOf(schema, input)).toEqual([{ path: "data.at", message }]);
  });

  it("gets one message: text in place of a list is not also reported as too long", () => {
    expect(saidOf(z.array(z.string()).max(2), "Oak Street")).toEqual([
      { path: "data.at", message: "must be a list, not text" },
    ]);
  });

  it("gets the key schema's message for an invalid key", () => {
    const keys = z.record(z.string().regex(/^[a-z]+$/, "must be lower case"), z.number());
    expect(refusalOf(keys, { Key: 1 })).toEqual([{ path: "data.Key", message: "must be lower case" }]);
  });
});

it("hints where to look up an id that crm_query does not list", () => {
  expect(notFound("job", "job_1").body.hint).not.toContain("crm_query");
  expect(notFound("line_item", "line_item_1").body).toMatchObject({
    message: "There is no line item line_item_1.",
    hint: expect.stringContaining("include line_items"),
  });
  expect(notFound("contact", "contact_1").body.hint).toContain("crm_query");
});
