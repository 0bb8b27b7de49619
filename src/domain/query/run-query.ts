import type { DataSource, EntityManager } from "typeorm";
import { rows } from "../../database/sql.ts";
import { type Today, todayOf } from "../core/calendar.ts";
import { DEFAULT_PARTS, type DayParts, type Reference } from "../core/when/index.ts";
import type { Bind, Count, ResolvedRecordType, TextSearch } from "../core/record-type.ts";
import { fieldsOf, type Item } from "../core/shape.ts";
import { countRows } from "./count.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { addIncludes, type Truncated } from "./includes.ts";
import { type ParsedQuery, parseQuery } from "./parse.ts";
import { readItem } from "./read-record.ts";
import * as sql from "./sql.ts";

/** Matches that an indexed search ranks at most. */
const MOST_RANKED = 200;

interface Page extends Count {
  items: Item[];
  next_cursor: string | null;
  /** Why the page has fewer items than were asked for, although more follow. */
  ended_early?: string;
}

/** `forwarded_from` is the id in the query when it was merged into `item`. */
export type QueryAnswer = (Page | { item: Item; forwarded_from?: string }) &
  Truncated & {
    /** Words of the search beyond MOST_WORDS. */
    ignored_words?: string[];
    today: Today;
  };

interface QueryOptions {
  types: ReadonlyMap<string, ResolvedRecordType>;
  now: Date;
  /** The answer is for a model: a page ends early where it would be too long, and included records come short. */
  forModel?: boolean | undefined;
}

/**
 * Runs a query read-only in one snapshot. `input` may be anything: throws validation_failed, which names the fields,
 * or not_found.
 */
export const runQuery = (db: DataSource, input: unknown, options: QueryOptions): Promise<QueryAnswer> =>
  db.transaction("REPEATABLE READ", async (snapshot) => {
    await snapshot.query("SET TRANSACTION READ ONLY");
    return queryIn(snapshot, input, options);
  });

/** As `runQuery`, in the caller's snapshot. */
export async function queryIn(
  snapshot: EntityManager,
  input: unknown,
  { types, now, forModel = false }: QueryOptions,
): Promise<QueryAnswer> {
  const query = { ...parseQuery(types, input), forModel };
  const reference = await referenceOf(snapshot, now);
  const { id } = query;
  const answer =
    id === undefined
      ? await readPage(snapshot, query, reference)
      : await readOne(snapshot, { query, id, now });
  const { ignored } = query;
  return { ...answer, ...(ignored.length > 0 && { ignored_words: ignored }), today: todayOf(reference) };
}

type Question = ParsedQuery & Pick<Required<QueryOptions>, "forModel">;

async function readOne(
  db: EntityManager,
  { query, id, now }: { query: Question; id: string; now: Date },
): Promise<{ item: Item; forwarded_from?: string } & Truncated> {
  const { type, include } = query;
  const found = await readItem(db, type.shape, { id, now });
  const forward = type.forward && found[type.forward];
  const item = typeof forward === "string" ? await readItem(db, type.shape, { id: forward, now }) : found;
  const truncated = await addIncludes(db, { items: [item], includes: type.includes, names: include, now });
  return { item: trim(query, item), ...truncated, ...(item !== found && { forwarded_from: id }) };
}

/** What words for times mean; in UTC before the first start has written the settings. */
async function referenceOf(db: EntityManager, now: Date): Promise<Reference> {
  const [settings] = await rows<{ zone: string; country: string; parts: DayParts }>(
    db,
    "SELECT timezone AS zone, country, day_parts AS parts FROM settings",
  );
  return { now, ...(settings ?? { zone: "UTC", country: "US", parts: DEFAULT_PARTS }) };
}

async function readPage(db: EntityManager, query: Question, reference: Reference): Promise<Page & Truncated> {
  const { type, limit, cursor, identity } = query;
  const { values, bind } = sql.parameters();
  const { source, order, counted } = await rowsOf(db, query, { values, bind, reference });
  const beyond =
    cursor === undefined ? "true" : sql.after(order, decodeCursor(cursor, identity, order.sort), bind);
  const found = await rows<Item & { id: string; sort_value: string | null }>(
    db,
    `SELECT ${sql.selectList(type.shape, () => `${bind(reference.now)}::timestamptz`)}, ${sql.exactText(order.sort)} AS sort_value ${source}
      AND ${beyond} ${sql.orderBy(order)} LIMIT ${bind(limit + 1)}`,
    values,
  );
  const page = found.slice(0, limit);
  const truncated = await addIncludes(db, {
    items: page,
    includes: type.includes,
    names: query.include,
    now: reference.now,
  });
  const all = page.map((item) => trim(query, item));
  const items = query.forModel ? thoseThatFit(all) : all;
  const last = found.length > items.length ? page[items.length - 1] : undefined;
  return {
    items,
    next_cursor: last ? encodeCursor({ value: last.sort_value, id: last.id }, identity) : null,
    ...(items.length < all.length && { ended_early: endedEarly(items.length, all.length) }),
    ...counted,
    ...truncated,
  };
}

/** Bytes of a page for a model, as JSON without nulls. The rest of the answer has room beside it in 40 kB. */
const MOST_PAGE_BYTES = 34_000;

/** The first items that fit, and at least one. */
function thoseThatFit(items: Item[]): Item[] {
  let bytes = 0;
  const end = items.findIndex((item, index) => {
    bytes += Buffer.byteLength(JSON.stringify(item, (_key, value: unknown) => value ?? undefined)) + 1;
    return index > 0 && bytes > MOST_PAGE_BYTES;
  });
  return end < 0 ? items : items.slice(0, end);
}

const endedEarly = (shown: number, asked: number): string =>
  `The page ends after ${shown} of ${asked} items, because an answer holds at most 40 kB. Continue with next_cursor, or ask for fewer fields.`;

/** Filter values for SQL. Some filters look up in the database what a value names. */
async function resolveFilters(
  db: EntityManager,
  { type, filters }: ParsedQuery,
): Promise<ParsedQuery["filters"]> {
  const values = { ...filters };
  for (const [name, value] of Object.entries(filters)) {
    const filter = type.filters[name];
    if (filter?.resolve) values[name] = await filter.resolve(db, value);
  }
  return values;
}

interface Statement {
  values: unknown[];
  bind: Bind;
  reference: Reference;
}

/** The rows of a query: `FROM … WHERE …`, their order and their number. */
interface Rows {
  source: string;
  order: sql.Order;
  counted: Count;
}

const NO_SEARCH: TextSearch = { text: ["''"] };

async function rowsOf(db: EntityManager, query: ParsedQuery, statement: Statement): Promise<Rows> {
  const { type, words } = query;
  const { values, bind, reference } = statement;
  const filters = await resolveFilters(db, query);
  if (words.length > 0 && "best" in type.search) {
    const where = (itsBind: Bind) => sql.filtered({ type, filters }, itsBind, reference);
    const { ranked, ...counted } = await type.search.best(db, words.join(" "), { where, most: MOST_RANKED });
    const source = `${sql.from(type.shape)} ${sql.ranked(ranked, bind)} WHERE true`;
    return { source, order: query.order ?? sql.BEST_FIRST, counted };
  }
  const search = "text" in type.search ? type.search : NO_SEARCH; // Without words there is no search.
  const where = [
    sql.filtered({ type, filters }, bind, reference),
    ...sql.containing(search, words, bind),
  ].join(" AND ");
  const source = `${sql.from(type.shape)} WHERE ${where}`;
  const counted = await countRows(db, source, [...values]);
  return { source, order: query.order ?? sql.relevance(search, words, bind), counted };
}

/** Keeps the requested fields, also of includes; drops `sort_value`. */
function trim(query: Question, item: Item): Item {
  const { type, fields, include } = query;
  const kept = new Set(["id", ...(fields ?? fieldsOf(type.shape)), ...include]);
  const entries = Object.entries(item).filter(([name]) => kept.has(name));
  return Object.fromEntries(
    entries.map(([name, value]) => [name, include.includes(name) ? trimInclude(query, name, value) : value]),
  );
}

/** An included record, or a list of them, with the fields that were asked for; by default short for a model. */
function trimInclude({ type, includeFields, forModel }: Question, name: string, value: unknown): unknown {
  const names = includeFields.get(name) ?? (forModel ? type.includes[name]?.brief : undefined);
  if (!names) return value;
  const kept = new Set(["id", ...names]);
  const short = (row: object) => Object.fromEntries(Object.entries(row).filter(([field]) => kept.has(field)));
  if (Array.isArray(value)) return value.map(short);
  return typeof value === "object" && value !== null ? short(value) : value;
}
