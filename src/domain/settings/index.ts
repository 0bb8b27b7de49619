import type { Domain } from "../core/registry.ts";
import { updateSettings } from "./update.ts";

export const settingsDomain: Domain = {
  domain: "settings",
  description: "Settings of the business",
  noun: "settings",
  actions: [updateSettings],
  types: [],
  reversals: [{ table: "settings", standsFor: () => ({ action: "settings.update" }) }],
};
