import type { Request, Response } from "express";
import type { DataSource } from "typeorm";
import type { AccessWatch } from "../../crm/access.ts";
import type { Crm, CrmEvent } from "../../crm/contract.ts";
import { mayDecide } from "../../domain/core/principal.ts";
import { findSession } from "../../identity/sessions.ts";
import { defineRoute, type Route } from "../route.ts";
import { principalOf } from "../security/authenticate.ts";
import { cookie, SESSION_COOKIE } from "../security/cookies.ts";
import { makeHold } from "../security/limits.ts";
import { endWithAccess } from "../security/open-requests.ts";

const HEARTBEAT_MS = 15_000;
const RETRY_MS = 2_000;
const MOST_STREAMS = 20;

/** Unsent bytes after which a slow connection is closed; the client reconnects and reads everything again. */
const MOST_BEHIND = 1_000_000;

export interface EventParts {
  crm: Crm;
  db: DataSource;
  access: AccessWatch;
  heartbeatMs?: number | undefined;
}

/** Server-sent events: jobs, authorizations and records as they change. */
export function eventRoutes(parts: EventParts): Route[] {
  const hold = makeHold(MOST_STREAMS, `${MOST_STREAMS} open event streams per person`);
  return [
    defineRoute({
      method: "get",
      path: "/api/events",
      id: "watch_events",
      summary: "Follow changes as server-sent events",
      description:
        "Events `job`, `authorization` and `record`, each with the ids to read again; `resync`: read everything again. For the owner and the office.",
      for: "people",
      answer: "text/event-stream",
      handler({ principal, request, response }) {
        if (request.method === "HEAD") return void opened(response).end();
        hold(principal.id, response);
        stream(parts, request, response);
      },
    }),
  ];
}

/** `Connection: close`: a keep-alive connection would delay the shutdown. */
const opened = (response: Response): Response =>
  response.set({
    "Content-Type": "text/event-stream; charset=utf-8",
    Connection: "close",
    "X-Accel-Buffering": "no",
  });

function stream(parts: EventParts, request: Request, response: Response): void {
  let count = 0;
  let unsubscribe = (): void => undefined;
  const event = ({ type, ...data }: CrmEvent): void => {
    if (response.writableLength > MOST_BEHIND) response.destroy();
    else response.write(`id: ${++count}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  const end = (): void => {
    unsubscribe();
    clearInterval(heartbeat);
    response.end();
  };
  const heartbeat = setInterval(() => {
    void stillSignedIn(parts, request).then((signedIn) => {
      if (!signedIn) end();
      else if (!response.writableEnded) response.write(": still here\n\n");
    });
  }, parts.heartbeatMs ?? HEARTBEAT_MS);

  response.once("close", end);
  endWithAccess(parts.access, response, end);
  opened(response).write(`retry: ${RETRY_MS}\n\n`);
  // Earlier events are not sent again: a client reads everything once when it connects.
  event({ type: "resync" });
  unsubscribe = parts.crm.subscribe(principalOf(response), { event, end });
}

/** False when the session has ended, or its user was archived or lost the role; also when that cannot be read. */
async function stillSignedIn({ db }: EventParts, request: Request): Promise<boolean> {
  try {
    const session = await findSession(db, cookie(request, SESSION_COOKIE) ?? "", { used: false });
    if (!session) return false;
    const { id, name, role } = session.user;
    return mayDecide({ kind: role, id, name });
  } catch {
    return false;
  }
}
