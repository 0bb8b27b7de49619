/** The part of a pg client that tests intercept. */
export interface Queries {
  query(...args: unknown[]): unknown;
}

/** pg accepts text and values, or one object with both. */
export const statementOf = ([first, values]: unknown[]): { text?: unknown; values?: unknown } =>
  typeof first === "object" && first !== null ? first : { text: first, values };
