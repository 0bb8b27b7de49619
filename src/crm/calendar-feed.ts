import type { DataSource } from "typeorm";
import type { Clock } from "../domain/core/clock.ts";
import type { Principal } from "../domain/core/principal.ts";
import { ownerOfLink, readCalendarFeed } from "../domain/technician/calendar-feed.ts";
import type { Crm } from "./contract.ts";
import type { Reads } from "./reads.ts";

/** Whoever has a link is nobody that the CRM knows. */
const LINK_HOLDER: Principal = { kind: "system", id: "link", name: "link" };

/** The feeds of technicians. A guess costs one statement, and no snapshot. */
export const makeCalendarFeeds = (db: DataSource, reads: Reads, clock: Clock): Pick<Crm, "calendarFeed"> => ({
  async calendarFeed(secret, signal) {
    if (!(await ownerOfLink(db.manager, secret))) return null;
    return reads.run(LINK_HOLDER, signal, (snapshot) => readCalendarFeed(snapshot, secret, clock.now()));
  },
});
