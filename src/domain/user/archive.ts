import { z } from "zod";
import { User } from "../../entities/user.ts";
import { Session } from "../../entities/session.ts";
import { defineAction } from "../core/action.ts";
import { findUser, mustBeOwner, mustLeaveAnOwner, publicUser, userId } from "./fields.ts";

export const archiveUser = defineAction({
  domain: "user",
  name: "archive",
  summary: "Stop a user from signing in and end their sessions. Their past decisions stay.",
  permission: "unrestricted",
  audience: "people",
  input: z.strictObject({ id: userId }),
  example: { id: "user_01kb2m6x8efh5rt3zqk9w7ycd4" },

  destructive: true,
  targets: ({ id }) => [id],

  async handler({ db, actor }, { id }) {
    mustBeOwner(actor);
    const user = await findUser(db, id);
    await mustLeaveAnOwner(db, user);
    await db.update(User, id, { active: false });
    await db.delete(Session, { user_id: id });
    return publicUser({ ...user, active: false });
  },
});
