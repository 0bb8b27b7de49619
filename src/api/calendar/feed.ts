import type { DataSource } from "typeorm";
import type { Crm } from "../../crm/contract.ts";
import { textParameter } from "../rest/parameters.ts";
import { type Call, defineRoute, type Route } from "../route.ts";
import type { SecurityLog } from "../security/security-log.ts";
import { refuseUnknownLink } from "../security/unknown-link.ts";

interface FeedParts {
  crm: Pick<Crm, "calendarFeed">;
  db: DataSource;
  securityLog: SecurityLog;
}

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
  parts: FeedParts,
  { request, response, params, signal }: Call<undefined, undefined, "token">,
): Promise<void> {
  const feed =
    (await parts.crm.calendarFeed(params.token, signal)) ??
    (await refuseUnknownLink(parts, { request, response }));
  response.set("Cache-Control", `private, max-age=${MAX_AGE_SECONDS}`);
  response.type("text/calendar").send(feed);
}
