import type { Response } from "express";
import type { Logger } from "pino";
import { RateLimiterMemory } from "rate-limiter-flexible";
import type { DataSource } from "typeorm";
import type { CrmError } from "../../domain/core/errors.ts";
import { principalKey } from "../../domain/core/principal.ts";
import { countAttempt } from "../../identity/refused-attempts.ts";
import { addressOf, networkOf } from "./address.ts";
import { locals } from "./authenticate.ts";
import { routeName } from "../log-requests.ts";

/** Counts refused requests by caller, route, reason and minute. A reason may end in the caller's words, after a colon. */
export interface SecurityLog {
  /** Counts the request that this response answers. */
  note(response: Response, reason: string): Promise<void>;
  /** Counts the request, then throws the error. */
  refuse(response: Response, reason: string, error: CrmError): Promise<never>;
}

const COUNTED_PER_MINUTE = 600;

export function makeSecurityLog(db: DataSource, log: Logger): SecurityLog {
  // One caller must not keep the database busy: above this rate only the log has the attempts.
  const counted = new RateLimiterMemory({ points: COUNTED_PER_MINUTE, duration: 60 });
  const note: SecurityLog["note"] = async (response, reason) => {
    const { req: request } = response;
    const { principal } = locals(response);
    const event = {
      principal: principal ? principalKey(principal) : "anonymous",
      // Never the path: a caller writes ids, e-mails and secrets into it.
      route: `${request.method} ${routeName(response)}`,
      reason: reason.slice(0, 300),
      ip: addressOf(request),
    };
    log.warn(event, "refused");
    try {
      await counted.consume(principal ? event.principal : networkOf(event.ip));
      await countAttempt(db, event);
    } catch (error) {
      // The request is refused even if the event cannot be stored; a rejected rate limit is not an Error.
      if (error instanceof Error) log.error({ route: event.route }, "a security event could not be stored");
    }
  };
  return {
    note,
    async refuse(response, reason, error) {
      await note(response, reason);
      throw error;
    },
  };
}
