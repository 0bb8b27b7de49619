import type { Response } from "express";
import type { AccessWatch } from "../../crm/access.ts";
import { locals } from "./authenticate.ts";

/** Longer than any request waits; a token with more time left needs no timer. */
const LONGEST_REQUEST_MS = 60_000;

/** The timer must not fire before the database's clock says that the token has expired. */
const AFTER_MS = 50;

/**
 * Calls `end` as soon as the caller's token or session has ended, in whatever process it was ended, unless the response
 * is closed before.
 */
export function endWithAccess(access: AccessWatch, response: Response, end: () => void): void {
  const { credential } = locals(response);
  if (!credential || response.closed) return;
  const { id, endsInMs, isAlive } = credential;
  const check = (): void => {
    // If the database does not answer, the next request will be refused or fail anyway.
    void isAlive().then(
      (alive) => {
        if (!alive && stop()) end();
      },
      () => undefined,
    );
  };
  const unwatch = access.watch(id, check);
  const expires = endsInMs !== null && endsInMs < LONGEST_REQUEST_MS;
  const timer = expires ? setTimeout(check, endsInMs + AFTER_MS) : undefined;
  let stopped = false;
  /** True the first time. */
  function stop(): boolean {
    unwatch();
    clearTimeout(timer);
    return !stopped && (stopped = true);
  }
  response.once("close", stop);
}
