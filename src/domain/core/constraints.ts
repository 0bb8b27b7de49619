import { QueryFailedError } from "typeorm";
import { conflict, CrmError } from "./errors.ts";

/** What a refused constraint means in words; others are named by their own name. */
const WORDS: Record<string, string> = {
  ticket_no_double_booking: "The technician already has a visit at that time.",
  template_name_key: "There is a template of that name already; archived ones count, too.",
  holiday_date: "That day is a holiday already.",
  user_email_key: "Somebody signs in with that e-mail already.",
  invoice_draft: "A draft belongs to a customer, and has no number and no payments yet.",
};

/** A refusal by the database as a CrmError; undefined for what is no refusal (a lost connection, a deadlock, a bug). */
export function refusalOf(error: unknown): CrmError | undefined {
  if (error instanceof CrmError) return error;
  if (!(error instanceof QueryFailedError)) return undefined;
  const { code, constraint } = error.driverError as { code?: unknown; constraint?: unknown }; // pg's DatabaseError.
  if (typeof code !== "string") return undefined;
  if (code.startsWith("23") && typeof constraint === "string") {
    const words = WORDS[constraint] ?? `A rule of the database refused this: ${constraint}.`;
    return conflict(words, "Look at the records again with crm_query, then change the request.", {
      constraint,
    });
  }
  if (code.startsWith("22")) {
    return new CrmError("validation_failed", "A value is outside of what can be stored.", {
      hint: "Check numbers and dates in `data` for sizes that make no sense.",
    });
  }
  return undefined;
}
