/** How many weeks back the demo business goes. */
export const WEEKS = 52;

/** Enough to measure with; more would not fit the ids. */
export const MOST_SYNTHETIC = 10_000_000;
