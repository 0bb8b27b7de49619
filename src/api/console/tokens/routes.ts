import { listTokens, revokeToken } from "../../../identity/tokens.ts";
import { definePage, form, frameOf, view } from "../page.ts";
import { renderTokens } from "./page.tsx";

export const tokensPage = definePage({
  path: "/tokens",
  navigation: "Tokens",
  for: "owner",
  routes: (parts) => [
    view({
      path: "/tokens",
      summary: "The agents' tokens",
      async handler({ response }) {
        const [tokens, frame] = await Promise.all([listTokens(parts.db), frameOf(parts, response)]);
        return renderTokens({ ...frame, tokens });
      },
    }),
    form({
      path: "/tokens/:id/revoke",
      summary: "Revoke an agent's token",
      async handler({ params, response }) {
        await revokeToken(parts.db, params.id);
        response.redirect(303, "/tokens");
      },
    }),
  ],
});
