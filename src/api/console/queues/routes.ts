import type { RequestHandler } from "express";
import { forbidden } from "../../../domain/core/errors.ts";
import { BOARD_PATH } from "../../board.ts";
import { noSuchPath } from "../../errors.ts";
import { boardHeaders } from "../../security/headers.ts";
import { SAFE } from "../../security/paths.ts";
import type { SecurityLog } from "../../security/security-log.ts";
import { definePage } from "../page.ts";

/** Bull Board: all BullMQ queues, read-only. */
export const queuesPage = definePage({
  path: BOARD_PATH,
  navigation: "Queues",
  for: "owner",
  routes: ({ board, securityLog }) =>
    board
      ? [
          {
            method: "all",
            path: `${BOARD_PATH}/*`,
            summary: "The queues, read-only",
            hidden: "A page for people.",
            answer: "html",
            // Every change is refused and stored before a CSRF token is looked at.
            csrf: false,
            before: [readOnly(securityLog), boardHeaders, board],
            handler: ({ request }) => noSuchPath(request),
          },
        ]
      : [],
});

/** The board's own routes must not see a request that changes something. */
const readOnly =
  (securityLog: SecurityLog): RequestHandler =>
  async (request, response, next) => {
    if (SAFE.has(request.method)) return next();
    await securityLog.refuse(
      response,
      "a change on the board",
      forbidden("The queues are read-only.", "Decide about a job on its authorization's page."),
    );
  };
