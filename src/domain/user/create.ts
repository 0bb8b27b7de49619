import { z } from "zod";
import { User } from "../../entities/user.ts";
import { defineAction } from "../core/action.ts";
import { newId } from "../core/ids.ts";
import { mustBeOwner, publicUser, userFields } from "./fields.ts";

export const createUser = defineAction({
  domain: "user",
  name: "create",
  summary: "Add a user who can sign in. They choose their own password before the first sign-in.",
  permission: "unrestricted",
  audience: "people",
  input: z.strictObject(userFields),
  example: { email: "otto@example.com", name: "Otto Office", role: "office" },

  async handler({ db, now, actor }, input) {
    mustBeOwner(actor);
    const user = db.create(User, {
      ...input,
      id: newId("user"),
      password_hash: null,
      active: true,
      created_at: now,
    });
    await db.insert(User, user);
    return publicUser(user);
  },
});
