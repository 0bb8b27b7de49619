import type { Domain } from "../core/registry.ts";
import { updateSettings } from "./update.ts";

export const settingsDomain: Domain = {
  domain: "settings",
  description: "How the business itself works",
  noun: "settings",
  actions: [updateSettings],
  types: [],
};
