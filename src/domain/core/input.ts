import { z } from "zod";
import type { Action } from "./action.ts";
import { type FieldError, validationFailed } from "./errors.ts";
import { inOurWords } from "./wording.ts";

/** Parses an action's data with the action's own schema; a refusal names every field that does not fit. */
export function parseInput(action: Action, data: unknown): unknown {
  return parse(action.input, data ?? {}, "data");
}

/** Parses anything that came from outside; `root` is where it stands in the request. */
export function parse<Schema extends z.ZodType>(schema: Schema, data: unknown, root = ""): z.output<Schema> {
  const unfit = unstorable(data, root);
  if (unfit.length > 0) throw validationFailed(unfit);
  const parsed = schema.safeParse(data, { error: inOurWords });
  if (parsed.success) return parsed.data;
  throw validationFailed(oneEach(parsed.error.issues.flatMap((issue) => fieldErrors(issue, root))));
}

/** What is of the wrong kind breaks further rules that were never meant for it: the first fault of a field says why. */
const oneEach = (faults: FieldError[]): FieldError[] =>
  faults.filter(({ path }, at) => faults.findIndex((other) => other.path === path) === at);

function fieldErrors(issue: z.core.$ZodIssue, root: string): FieldError[] {
  const at = [root, ...issue.path.map(String)].filter(Boolean);
  if (issue.code !== "unrecognized_keys") return [{ path: at.join("."), message: issue.message }];
  return issue.keys.map((key) => ({
    path: [...at, key].join("."),
    message: "unknown key; it is not part of this input",
  }));
}

const DEEPEST = 32;

/** What PostgreSQL or JSON cannot carry: NUL bytes, lone surrogates; and nesting that no input of ours has. */
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
