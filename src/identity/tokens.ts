import type { DataSource, EntityManager } from "typeorm";
import { z } from "zod";
import { batched } from "../database/batch.ts";
import { prepared, rows } from "../database/sql.ts";
import { conflict, CrmError, notFound } from "../domain/core/errors.ts";
import { newId } from "../domain/core/ids.ts";
import { parse } from "../domain/core/input.ts";
import type { Principal } from "../domain/core/principal.ts";
import type { ApiToken } from "../entities/api-token.ts";
import { newSecret, hashOf } from "./secrets.ts";

const tokenName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}\u2028\u2029]*$/u, "must be one line, without control characters");

/**
 * Makes an agent's token. The token is only in the return value: the table stores its hash. `lifeMs` counts from now by
 * the database's clock; without it the token does not expire. A name belongs to one token for ever.
 */
export async function createAgentToken(
  db: DataSource | EntityManager,
  name: string,
  { lifeMs }: { lifeMs?: number | undefined } = {},
): Promise<{ id: string; token: string }> {
  const id = newId("token");
  const token = `cs_${newSecret()}`;
  const label = parse(tokenName, name, "name");
  const made = await rows(
    "manager" in db ? db.manager : db,
    `INSERT INTO api_token (id, name, token_hash, expires_at)
     VALUES ($1, $2, $3, clock_timestamp() + make_interval(secs => $4::double precision / 1000))
     ON CONFLICT ((lower(name))) DO NOTHING RETURNING id`,
    [id, label, hashOf(token), lifeMs ?? null],
  );
  if (made.length === 0) throw nameTaken(label);
  return { id, token };
}

const nameTaken = (name: string) =>
  conflict(
    `Another token has the name ${JSON.stringify(name)}.`,
    "Choose another name: names of expired and revoked tokens stay taken, because the audit shows them. `countersign token list` lists all.",
  );

// ---- List and revoke ----

export const tokenView = z.object({
  id: z.string(),
  name: z.string(),
  status: z.enum(["live", "expired", "revoked"]),
  created_at: z.iso.datetime(),
  last_used_at: z.iso.datetime().nullable().describe("To the minute"),
  expires_at: z.iso.datetime().nullable().describe("null: it does not expire"),
  revoked_at: z.iso.datetime().nullable(),
});
/** An agent's token as an owner sees it. */
export type TokenView = z.output<typeof tokenView>;

type TokenRow = Omit<ApiToken, "token_hash"> & Pick<TokenView, "status">;

const SHOWN = `id, name, created_at, last_used_at, expires_at, revoked_at,
  CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN expires_at <= clock_timestamp() THEN 'expired'
    ELSE 'live' END AS status`;

/** All tokens: the live ones first, then the newest. */
export async function listTokens(db: DataSource): Promise<TokenView[]> {
  const found = await rows<TokenRow>(
    db.manager,
    `SELECT * FROM (SELECT ${SHOWN} FROM api_token) AS token
     ORDER BY status <> 'live', created_at DESC, id DESC`,
  );
  return found.map(viewOf);
}

/** Revokes a token for good; one that is revoked already stays as it is. Every process refuses it from now on. */
export async function revokeToken(db: DataSource, id: string): Promise<TokenView> {
  const [revoked] = await rows<TokenRow>(
    db.manager,
    `UPDATE api_token SET revoked_at = coalesce(revoked_at, clock_timestamp()) WHERE id = $1 RETURNING ${SHOWN}`,
    [id],
  );
  if (!revoked) throw notFound("token", id);
  return viewOf(revoked);
}

/** As `revokeToken`, by the token's name. */
export async function revokeTokenNamed(db: DataSource, name: string): Promise<TokenView> {
  const [found] = await rows<{ id: string }>(
    db.manager,
    "SELECT id FROM api_token WHERE lower(name) = lower($1)",
    [name.trim()],
  );
  if (found) return revokeToken(db, found.id);
  throw new CrmError("not_found", `No token has the name ${JSON.stringify(name)}.`, {
    hint: "`countersign token list` lists all names.",
  });
}

const viewOf = ({ created_at, last_used_at, expires_at, revoked_at, ...row }: TokenRow): TokenView => ({
  ...row,
  created_at: created_at.toISOString(),
  last_used_at: last_used_at?.toISOString() ?? null,
  expires_at: expires_at?.toISOString() ?? null,
  revoked_at: revoked_at?.toISOString() ?? null,
});

// ---- Who calls ----

type Token = Pick<ApiToken, "id" | "name" | "token_hash" | "last_used_at"> & { ends_in_ms: number | null };

const MINUTE_MS = 60_000;

const TOKENS = prepared(
  `SELECT id, name, token_hash, last_used_at,
     (extract(epoch FROM expires_at - clock_timestamp()) * 1000)::double precision AS ends_in_ms
   FROM api_token WHERE token_hash IN (SELECT unnest($1::text[])) AND revoked_at IS NULL
     AND (expires_at IS NULL OR expires_at > clock_timestamp())`,
);

/** The agent behind a live token. */
export interface KnownAgent {
  principal: Principal;
  /** Time until the token expires; null: it does not. */
  endsInMs: number | null;
}

/** Finds the agent behind an Authorization header; null where its token is unknown, has expired or was revoked. */
export type AgentLookup = (authorization: string, now: Date) => Promise<KnownAgent | null>;

/** Requests that arrive together share one query. Nothing is cached: a revoked token is refused at once. */
export function makeAgentLookup(db: DataSource): AgentLookup {
  const find = batched((hashes: string[]) => readTokens(db, hashes));
  return async (authorization, now) => {
    const token = /^Bearer +(cs_[\w-]{43})$/i.exec(authorization)?.[1];
    const found = token && (await find(hashOf(token)));
    if (!found) return null;
    const { id, name, last_used_at, ends_in_ms } = found;
    // At most one write per minute and token.
    if (!last_used_at || now.getTime() - last_used_at.getTime() > MINUTE_MS)
      await rows(db.manager, "UPDATE api_token SET last_used_at = $2 WHERE id = $1", [id, now]);
    return { principal: { kind: "agent", id, name }, endsInMs: ends_in_ms };
  };
}

async function readTokens(db: DataSource, hashes: string[]): Promise<(Token | undefined)[]> {
  const found = await rows<Token>(db.manager, TOKENS, [hashes]);
  return hashes.map((hash) => found.find(({ token_hash }) => token_hash === hash));
}
