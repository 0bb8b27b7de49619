import { whereFound } from "./ids.ts";

/** Codes of refusals. api/errors.ts maps them to HTTP statuses. */
export type ErrorCode =
  | "validation_failed"
  | "unauthenticated"
  | "forbidden"
  | "not_found"
  | "ambiguous"
  | "conflict"
  | "idempotency_conflict"
  | "invalid_state"
  | "reasoning_required"
  | "too_large"
  | "rate_limited"
  | "unavailable"
  | "internal";

export interface FieldError {
  /** `data.phones.0.number` */
  path: string;
  message: string;
}

/** A refusal in responses and in `job.error`. */
export interface ErrorBody {
  code: ErrorCode;
  message: string;
  fields: FieldError[];
  /** The next step. */
  hint: string | null;
  retryable: boolean;
  /** `candidates`, `alternatives`, `winner` … where the code has them. */
  [extra: string]: unknown;
}

interface Details {
  fields?: FieldError[];
  hint?: string;
  retryable?: boolean;
  extra?: Record<string, unknown>;
}

/** An expected refusal. Its texts are safe to show to a person or a model. */
export class CrmError extends Error {
  readonly code: ErrorCode;
  readonly body: ErrorBody;

  constructor(
    code: ErrorCode,
    message: string,
    { fields = [], hint, retryable = false, extra }: Details = {},
  ) {
    super(message);
    this.code = code;
    this.body = { ...extra, code, message, fields, hint: hint ?? null, retryable };
  }
}

/** A malformed input may have thousands of faults; a response lists only so many. */
const MOST_FIELDS = 20;
const LONGEST_PATH = 200;

export function validationFailed(faults: FieldError[], hint?: string): CrmError {
  const fields = faults
    .slice(0, MOST_FIELDS)
    .map(({ path, message }) => ({ path: path.slice(0, LONGEST_PATH), message: message.slice(0, 500) }));
  const named = fields.map(({ path }) => path || "input").join(", ");
  const more = faults.length > fields.length ? ` and ${faults.length - fields.length} more` : "";
  const [first] = fields;
  const message =
    faults.length === 1 && first
      ? `${first.path || "input"}: ${first.message}`
      : `${faults.length} fields do not fit: ${named}${more}`;
  return new CrmError("validation_failed", message, {
    fields,
    hint: hint ?? "Correct the named fields and send it again; crm_capabilities shows the schema.",
  });
}

export const notFound = (what: string, id: string) =>
  new CrmError("not_found", `There is no ${what.replace("_", " ")} ${id}.`, {
    hint: `Check the id: ${whereFound(what)}.`,
  });

export const conflict = (message: string, hint: string, extra?: Record<string, unknown>) =>
  new CrmError("conflict", message, { hint, extra });

/** For a transition that `state` does not allow. `allowed`: the transitions that it does, or the required states. */
export const invalidState = (
  what: string,
  wanted: string,
  { state, allowed }: { state: string; allowed: readonly string[] },
) =>
  new CrmError("invalid_state", `A ${what} that is ${state} cannot ${wanted}.`, {
    hint: allowed.length > 0 ? `From ${state} it can: ${allowed.join(", ")}.` : `${state} is final.`,
    extra: { state, allowed },
  });

export const forbidden = (message: string, hint: string) => new CrmError("forbidden", message, { hint });

/** For one request too many; `limit` names the limit for the caller. */
export const rateLimited = (limit: string, seconds: number) =>
  new CrmError("rate_limited", `Too many: the limit is ${limit}.`, {
    hint: `Wait ${seconds} s, then send fewer requests.`,
    retryable: true,
    extra: { limit, retry_after_seconds: seconds },
  });

export const unavailable = (message: string) =>
  new CrmError("unavailable", message, {
    hint: "Nothing was accepted. Try again in a moment.",
    retryable: true,
  });

/** For an unexpected error, whose own text must not reach the caller. */
export const internal = (reference: string) =>
  new CrmError("internal", "Something went wrong on our side; nothing was changed.", {
    hint: `Try again once; if it stays, show a person this reference: ${reference}.`,
    extra: { reference },
  });
