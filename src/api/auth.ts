import type { RequestHandler, Response } from "express";
import type { DataSource } from "typeorm";
import { batched } from "../domain/core/batch.ts";
import { CrmError } from "../domain/core/errors.ts";
import type { Principal } from "../domain/core/principal.ts";
import { prepared, rows } from "../entities/database.ts";
import { ApiToken } from "../entities/user.ts";
import { hashOf } from "./accounts.ts";
import { SESSION_COOKIE, cookie, csrfOf, userOfSession } from "./sessions.ts";

/** A person who has signed in. */
export interface SignedIn {
  principal: Principal;
  email: string;
  /** Belongs to this session; unsafe methods must bring it. */
  csrfToken: string;
}

/** What the way in leaves on the response for everybody after it. */
export interface Locals {
  principal?: Principal;
  /** Set for people only. */
  session?: SignedIn;
  /** An Authorization header came and opens nothing. */
  badToken?: boolean;
}

export const locals = (response: Response): Locals => response.locals; // Express types it as any record.

/** Finds out who asks. An Authorization header decides alone: a cookie beside it counts for nothing. */
export function identify(db: DataSource, now: () => Date): RequestHandler {
  const tokenOf = batched((hashes: string[]) => readTokens(db, hashes));
  return async (request, response, next) => {
    const who = locals(response);
    const { authorization } = request.headers;
    const sessionToken = cookie(request, SESSION_COOKIE);
    if (authorization !== undefined) {
      const agent = await agentOf(db, authorization, { tokenOf, now: now() });
      if (agent) who.principal = agent;
      else who.badToken = true;
    } else if (sessionToken) {
      const user = await userOfSession(db, sessionToken, now());
      if (user) {
        who.principal = { kind: user.role, id: user.id, name: user.name };
        who.session = { principal: who.principal, email: user.email, csrfToken: csrfOf(sessionToken) };
      }
    }
    next();
  };
}

const MINUTE = 60_000;

type Token = Pick<ApiToken, "id" | "name" | "token_hash" | "last_used_at">;

const TOKENS = prepared(
  "SELECT id, name, token_hash, last_used_at FROM api_token WHERE token_hash IN (SELECT unnest($1::text[])) AND revoked_at IS NULL",
);

async function readTokens(db: DataSource, hashes: string[]): Promise<(Token | undefined)[]> {
  const found = await rows<Token>(db.manager, TOKENS, [hashes]);
  return hashes.map((hash) => found.find(({ token_hash }) => token_hash === hash));
}

interface TokenBook {
  tokenOf(hash: string): Promise<Token | undefined>;
  now: Date;
}

async function agentOf(
  db: DataSource,
  authorization: string,
  { tokenOf, now }: TokenBook,
): Promise<Principal | null> {
  const token = /^Bearer +(cs_[\w-]{43})$/i.exec(authorization)?.[1];
  if (!token) return null;
  const found = await tokenOf(hashOf(token));
  if (!found) return null;
  // Once a minute is enough to see which tokens live, and spares a write on every call.
  if (!found.last_used_at || now.getTime() - found.last_used_at.getTime() > MINUTE)
    await db.getRepository(ApiToken).update({ id: found.id }, { last_used_at: now });
  return { kind: "agent", id: found.id, name: found.name };
}

export function unauthenticated(response: Response): CrmError {
  return new CrmError(
    "unauthenticated",
    locals(response).badToken
      ? "This token is not known, or it was revoked."
      : "Nobody is signed in, and no token came with the request.",
    {
      hint: "Machines send Authorization: Bearer cs_… (made by `countersign token create`); people sign in at /login.",
    },
  );
}

/** Who asks; a refusal where that is nobody. */
export function principalOf(response: Response): Principal {
  const { principal } = locals(response);
  if (!principal) throw unauthenticated(response);
  return principal;
}
