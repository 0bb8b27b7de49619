import type { DataSource } from "typeorm";
import { listTokens, revokeToken, tokenView } from "../../identity/tokens.ts";
import { defineRoute, type Route } from "../route.ts";
import { listOf, named } from "../schema.ts";
import { idParameter } from "./parameters.ts";

export function tokenRoutes({ db }: { db: DataSource }): Route[] {
  const Token = named("Token", tokenView);
  return [
    defineRoute({
      method: "get",
      path: "/api/tokens",
      id: "list_tokens",
      summary: "List the agents' tokens, expired and revoked ones too",
      description: "Never the tokens themselves. Only for the owner's session.",
      for: "owner",
      answer: listOf(Token),
      async handler() {
        const items = await listTokens(db);
        return { items, next_cursor: null, total: items.length };
      },
    }),
    defineRoute({
      method: "delete",
      path: "/api/tokens/:id",
      id: "revoke_token",
      summary: "Revoke an agent's token",
      description:
        "It is refused at once, also by requests that are still waiting. Its jobs go on. Only for the owner's session.",
      for: "owner",
      params: { id: idParameter("token", "token") },
      answer: Token,
      handler: ({ params }) => revokeToken(db, params.id),
    }),
  ];
}
