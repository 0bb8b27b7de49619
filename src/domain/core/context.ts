import type { EntityManager } from "typeorm";
import type { z } from "zod";
import type { SentChannel } from "../../entities/message.ts";
import type { Action, ActionDefinition } from "./action.ts";
import type { Principal } from "./principal.ts";

/** All that an action knows of the world. */
export interface Context {
  /** The executing transaction. */
  db: EntityManager;
  /** When this job runs; the only clock. */
  now: Date;
  actor: Principal;
  jobId: string;
  /** Whether messages of this kind go out from here; where not, they stay in the outbox, NOT SENT. */
  canSend(channel: SentChannel): boolean;
  /** Every action there is, by its key. */
  actions: ReadonlyMap<string, Action>;
  /** Another action inside this one: parsed and judged like any, in the same transaction. One at a time: await each. */
  call<Input extends z.ZodType, Result>(
    action: ActionDefinition<Input, Result>,
    input: z.input<Input>,
  ): Promise<Result>;
}
