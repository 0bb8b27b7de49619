/** How much a request needs before it happens. */
export const LEVELS = ["unrestricted", "soft_limit", "requires_authorization"] as const;
export type Level = (typeof LEVELS)[number];

export const above = (level: Level, limit: Level): boolean => LEVELS.indexOf(level) > LEVELS.indexOf(limit);
export const highest = (one: Level, other: Level): Level => (above(one, other) ? one : other);

/** Why a person must agree first. */
export interface Escalation {
  /** For a person: `Customer has 15 tickets worth $4,500`. */
  reason: string;
  /** What the reason rests on: values only, no relative time. They are part of the preview's digest. */
  facts: Record<string, unknown>;
  /** What it is worth, for rules that hold up to an amount. */
  amountCents?: number;
}

/**
 * What raised a level: `data` is an action's own `escalate`, `bulk` more than a few records at once, `window` more than
 * a few taken away within minutes. A rule lowers only the kinds it was made from.
 */
export const CAUSES = ["data", "bulk", "window"] as const;
export interface Cause extends Escalation {
  kind: (typeof CAUSES)[number];
  /** The record that the judged call names first. */
  record?: string;
}

/** More records than this, at once or taken away within WINDOW, need a person. */
export const MOST_RECORDS = 5;
export const WINDOW = "10 minutes";

export const needsAuthorization = (
  reason: string,
  facts: Record<string, unknown>,
  amountCents?: number,
): Escalation => ({ reason, facts, ...(amountCents !== undefined && { amountCents }) });
