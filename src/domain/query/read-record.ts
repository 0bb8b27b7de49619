import type { EntityManager } from "typeorm";
import { notFound } from "../core/errors.ts";
import type { Include, RecordType, ResolvedInclude } from "../core/record-type.ts";
import type { Item, Shape } from "../core/shape.ts";
import { addIncludes } from "./includes.ts";
import { from, selectList } from "./sql.ts";
import { cached, run } from "./statement.ts";

const byId = cached<Shape>((shape, now) => `SELECT ${selectList(shape, now)} ${from(shape)} WHERE r.id = $1`);

/** One record by its id, without includes. Throws `not_found`. */
export async function readItem(
  db: EntityManager,
  shape: Shape,
  { id, now }: { id: string; now: Date },
): Promise<Item> {
  const [item] = await run<Item>(db, byId(shape), { key: id, now });
  if (!item) throw notFound(shape.table, id);
  return item;
}

type Related = Readonly<Record<string, Include>>;

/** The names of includes that are parts. */
type PartOf<Includes> = {
  [Name in keyof Includes]: Includes[Name] extends { part: Shape } ? Name : never;
}[keyof Includes] &
  string;

/** The value of an include that is a part. */
type PartValue<Included> = Included extends { part: Shape<infer Row>; via: string }
  ? Row | null
  : Included extends { part: Shape<infer Row> }
    ? Row[]
    : never;

/**
 * One record as a query returns it, read inside the transaction of an action, with parts such as lines. Throws
 * `not_found`. Includes of other record types need the registry, so only queries have them.
 */
export async function readRecord<
  Row extends object,
  Includes extends Related,
  Name extends PartOf<Includes> = never,
>(
  { db, now }: { db: EntityManager; now: Date },
  type: RecordType<Row, Includes>,
  { id, include = [] }: { id: string; include?: readonly Name[] },
): Promise<Row & { [Each in Name]: PartValue<Includes[Each]> }> {
  const item = await readItem(db, type.shape, { id, now });
  await addIncludes(db, { items: [item], includes: partsOf(type), names: include, now });
  return item as never; // The columns, computed fields and parts that its type declares.
}

const parts = new WeakMap<RecordType, Record<string, ResolvedInclude>>();

/** Made once per type, because the statements of includes are cached by object. */
function partsOf(type: RecordType): Record<string, ResolvedInclude> {
  const known = parts.get(type);
  if (known) return known;
  const made = Object.fromEntries(
    Object.entries(type.includes).flatMap(([name, include]) =>
      "part" in include ? [[name, { ...include, shape: include.part }]] : [],
    ),
  );
  parts.set(type, made);
  return made;
}
