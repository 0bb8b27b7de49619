import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { ExpressAdapter } from "@bull-board/express";
import type { Express, RequestHandler } from "express";

export const BOARD_PATH = "/admin/queues";

/** The type that the adapter requires; it names the Redis store only, but works with either store. */
type BoardQueue = ConstructorParameters<typeof BullMQAdapter>[0];

/** The page loads a font from another host, which our content security policy would report as a violation. */
const FROM_ELSEWHERE = /<link [^>]*href="https?:[^>]*>/g;

/** Bull Board over the given BullMQ queues, read-only. */
export function makeBoard(queues: readonly Pick<BoardQueue, "name">[]): RequestHandler {
  const adapter = new ExpressAdapter().setBasePath(BOARD_PATH);
  createBullBoard({
    queues: queues.map((queue) => new BullMQAdapter(queue as BoardQueue, { readOnlyMode: true })),
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: "Countersign queues" } },
  });
  const board = adapter.getRouter() as Express; // Typed `any`; the adapter makes it with express().
  return (request, response, next) => {
    response.render = (name: string, values?: object) =>
      board.render(name, values ?? {}, (error: Error | null, html: string) =>
        error ? next(error) : response.send(html.replace(FROM_ELSEWHERE, "")),
      );
    board(request, response, next);
  };
}
