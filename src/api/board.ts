import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { ExpressAdapter } from "@bull-board/express";
import type { RequestHandler } from "express";

export const BOARD_PATH = "/admin/queues";

/** What the adapter asks for; its type names the Redis store only, and it works with either. */
type BoardQueue = ConstructorParameters<typeof BullMQAdapter>[0];

/** Bull Board over the given BullMQ queues, to look and not to touch. */
export function makeBoard(queues: readonly Pick<BoardQueue, "name">[]): RequestHandler {
  const adapter = new ExpressAdapter().setBasePath(BOARD_PATH);
  createBullBoard({
    queues: queues.map((queue) => new BullMQAdapter(queue as BoardQueue, { readOnlyMode: true })),
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: "Countersign queues" } },
  });
  return adapter.getRouter();
}
