import { type Request, type RequestHandler, type Response, Router } from "express";
import type { DataSource } from "typeorm";
import type { Crm, CrmEvent } from "../domain/core/ports.ts";
import { mayDecide } from "../domain/core/principal.ts";
import { principalOf } from "./auth.ts";
import { methodNotAllowed } from "./errors.ts";
import { makeHold } from "./limits.ts";
import { SESSION_COOKIE, cookie, userOfSession } from "./sessions.ts";

const HEARTBEAT_MS = 15_000;
const RETRY_MS = 2_000;
const MOST_STREAMS = 20;
/** Bytes that a reader may be behind before it is cut off: it comes back, and reads again. */
const MOST_BEHIND = 1_000_000;

export interface EventParts {
  crm: Crm;
  db: DataSource;
  now: () => Date;
  heartbeatMs?: number | undefined;
}

/** Server-sent events: jobs, authorizations and records as they change, for a person who is signed in. */
export function eventRoutes(parts: EventParts, people: RequestHandler): Router {
  const router = Router();
  const hold = makeHold(MOST_STREAMS, `${MOST_STREAMS} open event streams per person`);

  router
    .route("/events")
    .head(people, (_request, response) => void opened(response).end())
    .get(people, (request, response) => {
      hold(principalOf(response).id, response);
      stream(parts, request, response);
    })
    .all(people, methodNotAllowed("GET"));

  return router;
}

/** Closes with the stream: a connection that is kept would hold up a server that stops. */
const opened = (response: Response): Response =>
  response.set({
    "Content-Type": "text/event-stream; charset=utf-8",
    Connection: "close",
    "X-Accel-Buffering": "no",
  });

function stream(parts: EventParts, request: Request, response: Response): void {
  let count = 0;
  let leave = (): void => undefined;
  const event = ({ type, ...data }: CrmEvent): void => {
    if (response.writableLength > MOST_BEHIND) response.destroy();
    else response.write(`id: ${++count}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  const end = (): void => {
    leave();
    clearInterval(heart);
    response.end();
  };
  const heart = setInterval(() => {
    void stillSignedIn(parts, request).then((signedIn) => {
      if (!signedIn) end();
      else if (!response.writableEnded) response.write(": still here\n\n");
    });
  }, parts.heartbeatMs ?? HEARTBEAT_MS);

  response.once("close", end);
  opened(response).write(`retry: ${RETRY_MS}\n\n`);
  // What came before is not told again: whoever begins to listen, or comes back, reads once.
  event({ type: "resync" });
  leave = parts.crm.subscribe(principalOf(response), { event, end });
}

/** A session ends, a person changes role or leaves; where that cannot be seen, the stream ends, too. */
async function stillSignedIn({ db, now }: EventParts, request: Request): Promise<boolean> {
  try {
    const user = await userOfSession(db, cookie(request, SESSION_COOKIE) ?? "", now());
    return user !== null && mayDecide({ kind: user.role, id: user.id, name: user.name });
  } catch {
    return false;
  }
}
