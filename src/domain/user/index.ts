import type { Domain } from "../core/registry.ts";
import { archiveUser } from "./archive.ts";
import { createUser } from "./create.ts";
import { updateUser } from "./update.ts";

export const userDomain: Domain = {
  domain: "user",
  description: "People who can sign in",
  noun: "user",
  actions: [createUser, updateUser, archiveUser],
  types: [],
};
