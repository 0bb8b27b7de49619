import { z } from "zod";
import { User } from "../../entities/user.ts";
import { defineAction } from "../core/action.ts";
import { findUser, mustBeOwner, mustLeaveAnOwner, publicUser, userFields, userId } from "./fields.ts";

export const updateUser = defineAction({
  domain: "user",
  name: "update",
  summary: "Update a user's e-mail, name or role, or restore an archived user with active.",
  permission: "unrestricted",
  audience: "people",
  input: z
    .strictObject(userFields)
    .partial()
    .extend({
      id: userId,
      active: z
        .literal(true)
        .optional()
        .describe("Restores an archived user; user.archive does the opposite"),
    })
    .refine((input) => Object.keys(input).length > 1, "changes nothing; give at least one field besides id"),
  example: { id: "user_01kb2m6x8efh5rt3zqk9w7ycd4", role: "office" },

  targets: ({ id }) => [id],

  async handler({ db, actor }, { id, ...fields }) {
    mustBeOwner(actor);
    const user = await findUser(db, id);
    if (fields.role && fields.role !== "owner") await mustLeaveAnOwner(db, user);
    await db.update(User, id, fields);
    return publicUser(await findUser(db, id));
  },
});
