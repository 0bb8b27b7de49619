import type { Request, Response } from "express";
import type { Logger } from "pino";
import { RateLimiterMemory } from "rate-limiter-flexible";
import type { DataSource } from "typeorm";
import type { CrmError } from "../domain/core/errors.ts";
import { principalKey } from "../domain/core/principal.ts";
import { SecurityEvent } from "../entities/user.ts";
import { locals } from "./auth.ts";
import { routeOf } from "./log-requests.ts";

/** Keeps a refused try: who, where, why. */
export interface Watch {
  note(request: Request, response: Response, reason: string): Promise<void>;
  /** Notes it, then throws. */
  refuse(request: Request, response: Response, reason: string, error: CrmError): Promise<never>;
}

const ROWS_PER_MINUTE = 600;

export function makeWatch(db: DataSource, log: Logger): Watch {
  // One caller's storm must not fill the disk: past this the log alone tells.
  const rows = new RateLimiterMemory({ points: ROWS_PER_MINUTE, duration: 60 });
  const note: Watch["note"] = async (request, response, reason) => {
    const { principal } = locals(response);
    const event = {
      principal: principal ? principalKey(principal) : "anonymous",
      route: `${request.method} ${request.originalUrl.split("?", 1)[0]}`.slice(0, 300),
      reason: reason.slice(0, 300),
      ip: request.ip ?? null,
    };
    // The row keeps the path, which may hold a secret; the log only says what kind of route it was.
    const route = `${request.method} ${routeOf(request)}`;
    log.warn({ ...event, route }, "refused");
    try {
      await rows.consume(principal ? event.principal : (event.ip ?? "unknown"));
      await db.getRepository(SecurityEvent).insert(event);
    } catch (error) {
      // The refusal stands, kept or not.
      if (error instanceof Error) log.error({ route }, "a security event could not be kept");
    }
  };
  return {
    note,
    async refuse(request, response, reason, error) {
      await note(request, response, reason);
      throw error;
    },
  };
}
