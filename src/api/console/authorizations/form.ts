import { Temporal } from "temporal-polyfill";
import type { RuleScope } from "../../../entities/rule-scope.ts";
import { type FieldError, validationFailed } from "../../../domain/core/errors.ts";
import type { Decision } from "../../../domain/engine/authorization/decide.ts";
import type { Setting } from "../ui/time.tsx";

/** The fields of a decision form, as the person filled them in. */
export type DecisionFields = Record<string, string>;

/** `$4,500`, `450.50` → minor units of the currency */
export function centsOf(text: string, { currency }: Setting): number | null {
  const [, whole, rest = ""] = /^\$?\s*(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  const digits = digitsOf(currency);
  if (whole === undefined || rest.length > digits) return null;
  const cents = Number(whole.replaceAll(",", "") + rest.padEnd(digits, "0"));
  return Number.isSafeInteger(cents) && cents > 0 ? cents : null;
}

/** The text of an amount that the form reads as these minor units. */
export function amountText(cents: number, { currency }: Setting): string {
  const digits = digitsOf(currency);
  return (cents / 10 ** digits).toFixed(digits);
}

const digitsOf = (currency: string): number =>
  new Intl.NumberFormat("en-US", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ??
  2;

/** The end of that day in the business zone, or null if it is not a date or has passed. */
export function endOfDay(text: string, { now, zone }: Setting): string | null {
  try {
    const next = Temporal.PlainDate.from(text, { overflow: "reject" }).add({ days: 1 });
    const end = next.toZonedDateTime(zone).toInstant();
    return end.epochMilliseconds > now.getTime() ? end.toString() : null;
  } catch {
    return null;
  }
}

function usesOf(text: string): number | null {
  const uses = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  return uses > 0 ? uses : null;
}

/** A rule's limits from the form; empty fields set no limit. `hint` is the next step of an error. */
export function readScope(fields: DecisionFields, setting: Setting, hint: string): RuleScope {
  const errors: FieldError[] = [];
  const read = <T>(path: string, parse: (text: string) => T | null, message: string): T | undefined => {
    const text = fields[path]?.trim();
    if (!text) return undefined;
    const value = parse(text);
    if (value === null) errors.push({ path, message });
    return value ?? undefined;
  };
  const record_id = read("record_id", String, "must be a record's id");
  const max_amount_cents = read(
    "max_amount_cents",
    (text) => centsOf(text, setting),
    "must be an amount such as 4500 or 450.50",
  );
  const until = read(
    "until",
    (text) => endOfDay(text, setting),
    "must be a day from today on, such as 2030-01-31",
  );
  const max_uses = read("max_uses", usesOf, "must be a whole number from 1 on");
  if (errors.length > 0) {
    throw validationFailed(errors, hint);
  }
  return {
    ...(record_id !== undefined && { record_id }),
    ...(max_amount_cents !== undefined && { max_amount_cents }),
    ...(until !== undefined && { until }),
    ...(max_uses !== undefined && { max_uses }),
  };
}

const LIMITS = ["record_id", "max_amount_cents", "until", "max_uses"];

/** The limits of the button that was pressed: `max_uses=10`. */
const limitsOf = ({ limits = "" }: DecisionFields): DecisionFields =>
  Object.fromEntries([...new URLSearchParams(limits)].filter(([name]) => LIMITS.includes(name)));

/** Parses the decision form; throws a CrmError with the field. */
export function readDecision(body: DecisionFields, setting: Setting): Decision {
  const fields = { ...body, ...limitsOf(body) };
  const { decision, view_hash } = fields;
  if (decision !== "authorized" && decision !== "denied") {
    throw validationFailed([{ path: "decision", message: 'must be "authorized" or "denied"' }]);
  }
  if (!view_hash) {
    throw validationFailed(
      [{ path: "view_hash", message: "is missing: it says what you were shown" }],
      "Open the authorization's page and decide there.",
    );
  }
  // Browsers send line ends as CRLF.
  const notes = fields["notes"]?.replaceAll("\r\n", "\n").trim();
  const always = decision === "authorized" && fields["upgrade_permission"] === "true";
  return {
    decision,
    view_hash: view_hash,
    ...(notes && { notes }),
    ...(always && { upgrade_permission: true, scope: readScope(fields, setting, CORRECT_IT) }),
  };
}

const CORRECT_IT = "Nothing was decided. Correct it under Allow Always and decide again.";
