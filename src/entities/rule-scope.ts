/** The limits of a rule. Each key narrows it; an empty scope covers every call of the action by the agent. */
export interface RuleScope {
  record_id?: string;
  max_amount_cents?: number;
  /** ISO 8601 instant */
  until?: string;
  max_uses?: number;
}

/** What a rule made from a request would be about, and how it can be limited. */
export interface RuleOffer {
  /** For an undo, the action that it stands for. */
  action: string;
  /** The one record that the request is about; null where there are none or several, or where it will be gone. */
  record_id: string | null;
  /** What the request is worth; null: unknown. */
  amount_cents: number | null;
}

/** The numbers among the facts of one cause, and the lengths of its lists. */
export type Measures = Record<string, number>;
