import type { EntityManager } from "typeorm";
import { authorizationView, readAuthorization } from "../domain/authorization/view.ts";
import { jobView, readJob } from "../domain/core/outcome.ts";
import type { Principal } from "../domain/core/principal.ts";

/** The owner is told of everybody's jobs. */
const READER: Principal = { kind: "owner", id: "webhook", name: "webhook" };

/** The body of a notice: what happened, when, and the record as it is now. Null where the payload is none of ours. */
export async function noticeOf(
  db: EntityManager,
  payload: Record<string, unknown>,
  publicUrl: string,
): Promise<string | null> {
  const { event, id, at } = payload;
  if (typeof event !== "string" || typeof id !== "string") return null;
  const data =
    event === "job.finished"
      ? jobView(await readJob(db, READER, id), publicUrl)
      : authorizationView(await readAuthorization(db, READER, id));
  return JSON.stringify({ type: event, timestamp: at, data });
}
