import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { ExpressAdapter } from "@bull-board/express";
import type { Express, RequestHandler } from "express";

export const BOARD_PATH = "/admin/queues";

/** What the adapter asks for; its type names the Redis store only, and it works with either. */
type BoardQueue = ConstructorParameters<typeof BullMQAdapter>[0];

/** Its page asks another host for a font; our policy would refuse that with a line in the console. */
const FROM_ELSEWHERE = /<link [^>]*href="https?:[^>]*>/g;

/** Bull Board over the given BullMQ queues, to look and not to touch. */
export function makeBoard(queues: readonly Pick<BoardQueue, "name">[]): RequestHandler {
  const adapter = new ExpressAdapter().setBasePath(BOARD_PATH);
  createBullBoard({
    queues: queues.map((queue) => new BullMQAdapter(queue as BoardQueue, { readOnlyMode: true })),
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: "Countersign queues" } },
  });
  const board = adapter.getRouter() as Express; // What it makes in its constructor.
  return (request, response, next) => {
    response.render = (name: string, values?: object) =>
      board.render(name, values ?? {}, (error: Error | null, html: string) =>
        error ? next(error) : response.send(html.replace(FROM_ELSEWHERE, "")),
      );
    board(request, response, next);
  };
}
