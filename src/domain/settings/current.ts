import type { EntityManager } from "typeorm";
import { Settings } from "../../entities/settings.ts";
import { readById } from "../core/records.ts";

export const SETTINGS_ID = "settings";

/** The one settings row: zone, currency, hours. The first start writes it, and every action needs it. */
export async function settingsOf(db: EntityManager): Promise<Settings> {
  const settings = await readById(db, Settings, { id: SETTINGS_ID });
  if (!settings)
    throw new Error("The settings row is missing: settings.update has never run on this database.");
  return settings;
}
