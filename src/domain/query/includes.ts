import type { EntityManager } from "typeorm";
import type { ResolvedInclude } from "../core/record-type.ts";
import type { Item } from "../core/shape.ts";
import { isLimited, MOST_RELATED, relatedToMany, relatedToOne } from "./sql.ts";
import { cached, run } from "./statement.ts";

/** Includes that hold only their first MOST_RELATED rows, each with the ids of the records that have more. */
export interface Truncated {
  truncated?: Record<string, unknown[]>;
}

/** The records to add to, and which of the includes of their type. */
export interface IncludeRequest {
  items: Item[];
  includes: Readonly<Record<string, ResolvedInclude>>;
  names: readonly string[];
  now: Date;
}

/** Adds related records to items under the includes' names, with one statement per name. */
export async function addIncludes(
  db: EntityManager,
  { items, includes, names, now }: IncludeRequest,
): Promise<Truncated> {
  const truncated: Record<string, unknown[]> = {};
  for (const name of names) {
    const include = includes[name];
    if (!include) throw new Error(`no include is named ${name}`);
    const relatedTo = await readRelated(db, include, { items, now });
    for (const item of items) {
      const related = relatedTo(item);
      const limited = isLimited(include) && Array.isArray(related);
      item[name] = limited ? related.slice(0, MOST_RELATED) : related;
      if (limited && related.length > MOST_RELATED) (truncated[name] ??= []).push(item["id"]);
    }
  }
  return Object.keys(truncated).length > 0 ? { truncated } : {};
}

async function readRelated(
  db: EntityManager,
  include: ResolvedInclude,
  { items, now }: { items: Item[]; now: Date },
): Promise<(item: Item) => Item[] | Item | null> {
  const [ours, theirs] = "by" in include ? ["id", include.by] : [include.via, "id"];
  const keys = new Set(items.map((item) => item[ours]).filter((key) => key !== null));
  const byKey = new Map<unknown, Item[]>();
  for (const row of await readRows(db, include, { keys: [...keys], now })) {
    const group = byKey.get(row[theirs]);
    if (group) group.push(row);
    else byKey.set(row[theirs], [row]);
  }
  return (item) => {
    const group = byKey.get(item[ours]) ?? [];
    return "by" in include ? group : (group[0] ?? null);
  };
}

const ofOne = cached<ResolvedInclude>((include, now) => relatedToOne(include, now));
const ofMany = cached<ResolvedInclude>(relatedToMany);

async function readRows(
  db: EntityManager,
  include: ResolvedInclude,
  { keys, now }: { keys: unknown[]; now: Date },
): Promise<Item[]> {
  if (keys.length === 0) return [];
  // One key is what an action reads after it wrote. The best plan for many keys depends on how many there are.
  if (keys.length === 1) return run(db, ofOne(include), { key: keys[0], now });
  return run(db, ofMany(include), { key: keys, now, planned: false });
}
