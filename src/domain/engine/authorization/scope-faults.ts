import type { RuleOffer, RuleScope } from "../../../entities/rule-scope.ts";
import type { FieldError } from "../../core/errors.ts";
import type { Preview } from "../preview.ts";

/** What a scope is checked against. */
export interface Limited {
  rule_offer: RuleOffer | null;
  /** To say why there is no record. */
  preview?: Preview;
}

/** Why a rule from this request cannot be for this record alone; null where it can. */
export function recordFault({ rule_offer, preview }: Limited, { record_id }: RuleScope): FieldError | null {
  const offered = rule_offer?.record_id ?? null;
  if (record_id === undefined || record_id === offered) return null;
  const path = "scope.record_id";
  if (offered !== null) return { path, message: `must be ${offered}, the record of this request` };
  const gone = preview?.changes.some(({ id, operation }) => id === record_id && operation === "delete");
  const why = gone ? "the request deletes this record" : "the request is not about one record that remains";
  return { path, message: `must be left out: ${why}` };
}
