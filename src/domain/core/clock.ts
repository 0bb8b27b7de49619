/** The business clock. Production uses the database's clock; tests pass their own. */
export interface Clock {
  now(): Date;
}
