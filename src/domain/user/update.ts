import { z } from "zod";
import { User } from "../../entities/user.ts";
import { defineAction } from "../core/action.ts";
import { findUser, mustBeOwner, mustLeaveAnOwner, shownUser, userFields, userId } from "./fields.ts";

export const updateUser = defineAction({
  domain: "user",
  name: "update",
  summary: "Change a person's e-mail, name or role; or let an archived one sign in again with active.",
  permission: "unrestricted",
  audience: "people",
  input: z
    .strictObject(userFields)
    .partial()
    .extend({
      id: userId,
      active: z.literal(true).optional().describe("May sign in again; user.archive is the way out"),
    })
    .refine(
      (input) => Object.keys(input).length > 1,
      "names nothing to change; give at least one field beside id",
    ),
  example: { id: "user_01kb2m6x8efh5rt3zqk9w7ycd4", role: "office" },

  targets: ({ id }) => [id],

  async handler({ db, actor }, { id, ...fields }) {
    mustBeOwner(actor);
    const user = await findUser(db, id);
    if (fields.role && fields.role !== "owner") await mustLeaveAnOwner(db, user);
    await db.update(User, id, fields);
    return shownUser(await findUser(db, id));
  },
});
