import type { EntityManager } from "typeorm";
import { Settings } from "../../entities/technician.ts";
import { readById } from "../core/records.ts";

export const SETTINGS_ID = "settings";

/** How the business works: zone, currency, hours. The first start writes them; without them nothing can be done. */
export async function settingsOf(db: EntityManager): Promise<Settings> {
  const settings = await readById(db, Settings, SETTINGS_ID);
  if (!settings)
    throw new Error("The settings row is missing: settings.update has never run on this database.");
  return settings;
}
