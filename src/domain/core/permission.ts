/** Permission levels of a request, ascending. */
export const LEVELS = ["unrestricted", "soft_limit", "requires_authorization"] as const;
export type Level = (typeof LEVELS)[number];

export const above = (level: Level, limit: Level): boolean => LEVELS.indexOf(level) > LEVELS.indexOf(limit);
export const highest = (one: Level, other: Level): Level => (above(one, other) ? one : other);

/** Why a person must agree first. */
export interface Escalation {
  /** For a person: `Customer has 15 tickets worth $4,500`. */
  reason: string;
  /** The values behind the reason, without relative times. They are part of the preview's digest. */
  facts: Record<string, unknown>;
  /** The amount at stake, for rules with a maximum amount. */
  amountCents?: number;
  /** A person is asked every time: no rule covers it. */
  everyTime?: true;
}

/**
 * What raised a level. `data`: the action's `escalate`. `bulk`: more than MOST_RECORDS records in one request. `window`:
 * more than MOST_RECORDS destructive hits within WINDOW. A rule covers only the kinds of causes it was created from.
 */
export const CAUSES = ["data", "bulk", "window"] as const;
export interface Cause extends Escalation {
  kind: (typeof CAUSES)[number];
  /** The record that the judged call names first. */
  record?: string;
}

/** A person must approve more records than this, in one request or deleted within WINDOW. */
export const MOST_RECORDS = 5;
export const WINDOW = "10 minutes";

export const needsAuthorization = (
  reason: string,
  facts: Record<string, unknown>,
  amountCents?: number,
): Escalation => ({ reason, facts, ...(amountCents !== undefined && { amountCents }) });
