import type { z } from "zod";

const KINDS: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

/** Message of a zod issue for a model, where the schema has no message of its own. */
export function inputMessage(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined ? "is missing" : wrongKind(issue.expected, issue.input);
    case "invalid_value":
      return `must be ${issue.values.length > 1 ? "one of: " : ""}${issue.values.map(String).join(", ")}`;
    case "invalid_format":
      return issue.format === "date" ? "must be a date such as 2026-11-23" : undefined;
    case "too_small":
      return tooSmall(issue.origin, Number(issue.minimum));
    case "too_big":
      return tooBig(issue.origin, Number(issue.maximum));
    case "invalid_key":
      return issue.issues[0]?.message;
    case "invalid_union":
      return "fits none of the kinds it may be; crm_capabilities shows them";
    default:
      return undefined;
  }
}

const wrongKind = (expected: string, input: unknown): string =>
  expected === "int" // zod's word for a number that is not whole.
    ? "must be a whole number"
    : `must be ${KINDS[expected] ?? expected}, not ${kindOf(input)}`;

function kindOf(input: unknown): string {
  if (input === null || typeof input === "boolean") return String(input);
  return KINDS[Array.isArray(input) ? "array" : typeof input] ?? "that";
}

function tooSmall(origin: string, minimum: number): string {
  if (origin !== "string" && origin !== "array") return `must be at least ${minimum}`;
  if (minimum === 1) return "must not be empty";
  return `needs at least ${minimum} ${origin === "string" ? "characters" : "items"}`;
}

function tooBig(origin: string, maximum: number): string {
  if (origin !== "string" && origin !== "array") return `must be at most ${maximum}`;
  return `may have ${maximum} ${origin === "string" ? "characters" : "items"} at most`;
}
