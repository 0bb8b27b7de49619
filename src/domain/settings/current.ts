import type { EntityManager } from "typeorm";
import { Settings } from "../../entities/settings.ts";
import { readById } from "../core/records.ts";
import type { Reference } from "../core/when/index.ts";

export const SETTINGS_ID = "settings";

/** The one settings row: zone, currency, hours. The first start writes it, and every action needs it. */
export async function settingsOf(db: EntityManager): Promise<Settings> {
  const settings = await readById(db, Settings, { id: SETTINGS_ID });
  if (!settings)
    throw new Error("The settings row is missing: settings.update has never run on this database.");
  return settings;
}

/** What words for dates and times mean in this business at `now`. */
export async function referenceOf(db: EntityManager, now: Date): Promise<Reference> {
  const { timezone: zone, country, day_parts: parts } = await settingsOf(db);
  return { now, zone, country, parts };
}
