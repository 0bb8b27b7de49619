import type { Domain } from "../core/registry.ts";
import { archiveUser } from "./archive.ts";
import { createUser } from "./create.ts";
import { updateUser } from "./update.ts";

export const userDomain: Domain = {
  domain: "user",
  description: "The people who sign in",
  noun: "user",
  actions: [createUser, updateUser, archiveUser],
  types: [],
};
