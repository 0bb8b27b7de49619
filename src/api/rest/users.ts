import { listUsers, userView } from "../../identity/accounts.ts";
import { invitationLink, invite, type Inviting } from "../../identity/invitations.ts";
import { defineRoute, type Route } from "../route.ts";
import { listOf, named } from "../schema.ts";
import { idParameter } from "./parameters.ts";

export const userRoutes = (parts: Inviting): Route[] => [
  defineRoute({
    method: "get",
    path: "/api/users",
    id: "list_users",
    summary: "List the users, including archived ones",
    description:
      "The ids are the input of `user.update`, `user.archive` and the invitation. Only for the owner's session.",
    for: "owner",
    answer: listOf(named("User", userView)),
    async handler() {
      const items = await listUsers(parts.db);
      return { items, next_cursor: null, total: items.length };
    },
  }),
  defineRoute({
    method: "post",
    path: "/api/users/:id/invitation",
    id: "invite_user",
    summary: "Create a link with which a user chooses a password",
    description: "It works once, for two days; earlier links stop working. Only for the owner's session.",
    for: "owner",
    params: { id: idParameter("user", "user") },
    answer: named("Invitation", invitationLink),
    handler: ({ params }) => invite(parts, params.id),
  }),
];
