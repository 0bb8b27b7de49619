import type { DataSource } from "typeorm";
import type { Crm } from "../../crm/contract.ts";
import { CrmError } from "../../domain/core/errors.ts";
import { type AttemptLimit, spendAttempt } from "../../identity/attempts.ts";
import { textParameter } from "../rest/parameters.ts";
import { type Call, defineRoute, type Route } from "../route.ts";
import { addressOf, networkOf } from "../security/address.ts";
import type { SecurityLog } from "../security/security-log.ts";

interface FeedParts {
  crm: Pick<Crm, "calendarFeed">;
  db: DataSource;
  securityLog: SecurityLog;
}

/**
 * Only unknown links count. Calendar services fetch the feeds of many from one network: a stranger who guesses through
 * such a service must not end the feeds of others.
 */
const UNKNOWN_LINKS: AttemptLimit = {
  most: 100,
  seconds: 900,
  name: "100 unknown calendar links in 15 minutes per network",
};

/** Calendars that are polled all day may use an answer for so long. */
const MAX_AGE_SECONDS = 300;

export const calendarRoutes = (parts: FeedParts): Route[] => [
  defineRoute({
    method: "get",
    path: "/calendar/:token.ics",
    id: "technician_calendar",
    tag: "Calendar",
    summary: "Read a technician's calendar",
    description:
      "iCalendar, from 30 days ago on. The link alone is the credential; `technician.calendar_link` makes, renews and revokes it.",
    for: "public",
    params: { token: textParameter },
    answer: "text/calendar",
    refusals: ["not_found", "rate_limited"],
    handler: (call) => sendFeed(parts, call),
  }),
];

async function sendFeed(
  { crm, db, securityLog }: FeedParts,
  { request, response, params, signal }: Call<undefined, undefined, "token">,
): Promise<void> {
  const feed = await crm.calendarFeed(params.token, signal);
  if (feed === null) {
    await spendAttempt(db, { limit: UNKNOWN_LINKS, by: networkOf(addressOf(request)) });
    return securityLog.refuse(response, "an unknown or ended calendar link", unknownLink());
  }
  response.set("Cache-Control", `private, max-age=${MAX_AGE_SECONDS}`);
  response.type("text/calendar").send(feed);
}

const unknownLink = (): CrmError =>
  new CrmError("not_found", "This calendar link is unknown, or it has ended.", {
    hint: "Ask the office for a new one.",
  });
