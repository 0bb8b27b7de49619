import type { EntityManager } from "typeorm";
import type { Principal } from "../../domain/core/principal.ts";
import { authorizationView, readAuthorization } from "../../domain/engine/authorization/view.ts";
import { jobView, readJob } from "../../domain/engine/jobs.ts";

/** The owner's webhook receives events of all principals' jobs. */
const READER: Principal = { kind: "owner", id: "webhook", name: "webhook" };

/** The body of a webhook: event, time and the current record. Null if the payload has no event and id. */
export async function webhookBody(
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
