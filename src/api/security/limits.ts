import type { RequestHandler, Response } from "express";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { rateLimited } from "../../domain/core/errors.ts";
import { addressOf, networkOf } from "./address.ts";
import { principalOf } from "./authenticate.ts";

export interface Limits {
  callsPerMinute: number;
  waits: number;
}

export interface AgentLimits {
  /** Counts one call of an agent. */
  calls: RequestHandler;
  /** Counts one call of a network, signed in or not: for large public answers. */
  documents: RequestHandler;
  /** Counts a request that may wait, until it is answered or its caller is gone. */
  hold(response: Response): void;
}

/** Limits per agent token, kept in memory: each API process counts for itself. People are not counted. */
export function makeLimits({ callsPerMinute, waits }: Limits): AgentLimits {
  const calls = new RateLimiterMemory({ points: callsPerMinute, duration: 60 });
  const documents = new RateLimiterMemory({ points: callsPerMinute, duration: 60 });
  const wait = makeHold(waits, `${waits} waiting requests at once per token`);
  return {
    calls: async (_request, response, next) => {
      const principal = principalOf(response);
      if (principal.kind === "agent")
        await spend(calls, principal.id, `${callsPerMinute} calls per minute and token`);
      next();
    },
    documents: async (request, _response, next) => {
      const limit = `${callsPerMinute} calls of the documentation per minute and network`;
      await spend(documents, networkOf(addressOf(request)), limit);
      next();
    },
    hold(response) {
      const { kind, id } = principalOf(response);
      if (kind === "agent") wait(id, response);
    },
  };
}

/** Counts the requests that are open under a key; refuses one more than `most`. `limit` names it for the caller. */
export function makeHold(most: number, limit: string): (key: string, response: Response) => void {
  const open = new Map<string, number>();
  return (key, response) => {
    const now = open.get(key) ?? 0;
    if (now >= most) throw rateLimited(limit, 1);
    open.set(key, now + 1);
    response.once("close", () => {
      const left = (open.get(key) ?? 1) - 1;
      if (left > 0) open.set(key, left);
      else open.delete(key);
    });
  };
}

/** Takes one point; refuses where none is left. `limit` names it for the caller. */
export async function spend(limiter: RateLimiterMemory, key: string, limit: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (spent) {
    if (!(spent instanceof RateLimiterRes)) throw spent;
    throw rateLimited(limit, Math.ceil(spent.msBeforeNext / 1000));
  }
}
