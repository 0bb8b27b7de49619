/** A connection of pg, as far as one stands between it and whoever asks. */
export interface Queries {
  query(...args: unknown[]): unknown;
}

/** pg takes text and values, or one object that holds both. */
export const statementOf = ([first, values]: unknown[]): { text?: unknown; values?: unknown } =>
  typeof first === "object" && first !== null ? first : { text: first, values };
