import type { EntityManager } from "typeorm";
import { ATTRIBUTE_ENTITIES } from "../../entities/attribute.ts";
import type { Action } from "../core/action.ts";
import { prefixOf } from "../core/ids.ts";
import { type LocalValue, localValues } from "../core/local-values.ts";
import { readDefinitions } from "./definitions.ts";

/** `localValues`, without custom fields that are no dates: in a text, `tomorrow` is only text. */
export async function localValuesOf(db: EntityManager, action: Action, data: unknown): Promise<LocalValue[]> {
  const values = localValues(action, data);
  if (values.every(({ key }) => key === undefined)) return values;
  const owner = ATTRIBUTE_ENTITIES.find((entity) => entity === (prefixOfId(data) ?? action.domain));
  const definitions = owner ? await readDefinitions(db, owner) : [];
  const dates = new Set(definitions.filter(({ type }) => type === "date").map(({ key }) => key));
  return values.filter(({ key }) => key === undefined || dates.has(key));
}

/** What the data's `id` is of: attribute.set takes any record, and what creates one takes no id. */
const prefixOfId = (data: unknown): string | null =>
  typeof data === "object" && data !== null && "id" in data && typeof data.id === "string"
    ? prefixOf(data.id)
    : null;
