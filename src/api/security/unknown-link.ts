import type { Request, Response } from "express";
import type { DataSource } from "typeorm";
import { CrmError } from "../../domain/core/errors.ts";
import { type AttemptLimit, spendAttempt } from "../../identity/attempts.ts";
import { addressOf, networkOf } from "./address.ts";
import type { SecurityLog } from "./security-log.ts";

const GUESSES: AttemptLimit = {
  most: 60,
  seconds: 10 * 60,
  name: "60 unknown links in 10 minutes per address",
};

/**
 * Refuses a link that nobody has, and counts it: guesses are slowed down. A known link is never refused for them, because
 * many customers may share one address.
 */
export async function refuseUnknownLink(
  { db, securityLog }: { db: DataSource; securityLog: SecurityLog },
  { request, response }: { request: Request; response: Response },
): Promise<never> {
  await securityLog.note(response, "an unknown link");
  await spendAttempt(db, { limit: GUESSES, by: networkOf(addressOf(request)) });
  throw new CrmError("not_found", "There is nothing behind this link.", {
    hint: "Open it again from the message, whole. If it still does not work, please write or call.",
  });
}
