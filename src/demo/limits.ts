/** Weeks of history in the demo business. */
export const WEEKS = 52;

/** The generated ids have room for more than 30 million; this is enough for measurements. */
export const MOST_SYNTHETIC = 10_000_000;
