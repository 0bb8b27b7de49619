import type { DataSource } from "typeorm";
import { rows } from "../database/sql.ts";
import type { SecurityEvent } from "../entities/security-event.ts";

/** Counts a refused attempt: into the row of this caller, route, reason and minute, or a new one. */
export async function countAttempt(
  db: DataSource,
  { principal, route, reason, ip }: Pick<SecurityEvent, "principal" | "route" | "reason" | "ip">,
): Promise<void> {
  await rows(db.manager, "SELECT count_attempt($1, $2, $3, $4)", [principal, route, reason, ip]);
}
