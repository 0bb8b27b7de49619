import { z } from "zod";
import type { Action } from "./action.ts";
import { type FieldError, validationFailed } from "./errors.ts";
import { inputMessage } from "./input-messages.ts";

/** Parses an action's data with the action's schema. A refusal names every invalid field. */
export function parseInput(action: Action, data: unknown): unknown {
  return parse(action.input, data ?? {}, "data");
}

/** Parses the input of a job row. It comes from PostgreSQL, so the check for unstorable values is skipped. */
export function parseStored(action: Action, data: unknown): unknown {
  return parseSchema(action.input, data, "data");
}

/** Parses untrusted data. `root` is its path in the request. */
export function parse<Schema extends z.ZodType>(schema: Schema, data: unknown, root = ""): z.output<Schema> {
  const faults = unstorable(data, root);
  if (faults.length > 0) throw validationFailed(faults);
  return parseSchema(schema, data, root);
}

/**
 * Parses a request with an action's `data` but leaves `data` unchanged: `crm.submit` parses it with the action's schema.
 * Reads only the first level of `data`.
 */
export function parseEnvelope<Schema extends z.ZodType>(schema: Schema, request: unknown): z.output<Schema> {
  if (typeof request !== "object" || request === null || !("data" in request)) return parse(schema, request);
  const { data, ...envelope } = request;
  const faults = unstorable(envelope, "");
  if (faults.length > 0) throw validationFailed(faults);
  const parsed = parseSchema(schema, request, "");
  // A schema without `data` has refused it above. The original is used because zod's copy drops the key __proto__.
  return typeof parsed === "object" && parsed !== null ? Object.assign(parsed, { data }) : parsed;
}

function parseSchema<Schema extends z.ZodType>(
  schema: Schema,
  data: unknown,
  root: string,
): z.output<Schema> {
  const parsed = schema.safeParse(data, { error: inputMessage });
  if (parsed.success) return parsed.data;
  throw validationFailed(oneEach(parsed.error.issues.flatMap((issue) => fieldErrors(issue, root))));
}

/** A value of the wrong type also breaks rules that assume the type: only the first fault of a field is useful. */
function oneEach(faults: FieldError[]): FieldError[] {
  const first = new Map<string, FieldError>(); // A body of 1 MB can have 50,000 faults.
  for (const fault of faults) if (!first.has(fault.path)) first.set(fault.path, fault);
  return [...first.values()];
}

function fieldErrors(issue: z.core.$ZodIssue, root: string): FieldError[] {
  const at = [root, ...issue.path.map(String)].filter(Boolean);
  if (issue.code !== "unrecognized_keys") return [{ path: at.join("."), message: issue.message }];
  return issue.keys.map((key) => ({
    path: [...at, key].join("."),
    message: "unknown key; it is not part of this input",
  }));
}

const DEEPEST = 32;

/** Values that PostgreSQL or JSON cannot store: NUL bytes, lone surrogates, and nesting deeper than any schema. */
function unstorable(value: unknown, path: string, depth = 0): FieldError[] {
  if (depth > DEEPEST)
    return [{ path: path.slice(0, 200), message: `is nested deeper than ${DEEPEST} levels` }];
  if (typeof value === "string") {
    const fault = value.includes("\0")
      ? "contains a NUL byte"
      : value.isWellFormed()
        ? null
        : "contains a lone surrogate";
    return fault ? [{ path, message: `${fault}; remove it` }] : [];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = path ? `${path}.${key}` : key;
    if (key === "__proto__") return [{ path: at, message: "unknown key; it is not part of this input" }]; // zod drops it.
    return [...unstorable(key, path, depth), ...unstorable(inner, at, depth + 1)];
  });
}
