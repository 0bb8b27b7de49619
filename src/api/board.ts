import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { ExpressAdapter } from "@bull-board/express";
import type { RequestHandler } from "express";

export const BOARD_PATH = "/admin/queues";

/** What the adapter asks for: any BullMQ queue, whatever its jobs and its store. */
type BoardQueue = ConstructorParameters<typeof BullMQAdapter>[0];

/** Bull Board over the given queues, to look and not to touch. */
export function makeBoard(queues: readonly BoardQueue[]): RequestHandler {
  const adapter = new ExpressAdapter().setBasePath(BOARD_PATH);
  createBullBoard({
    queues: queues.map((queue) => new BullMQAdapter(queue, { readOnlyMode: true })),
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: "Countersign queues" } },
  });
  return adapter.getRouter();
}
