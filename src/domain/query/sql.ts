import type { Position } from "./cursor.ts";
import type { Bind, RankedPage, RecordType, ResolvedInclude, Sort, TextSearch } from "../core/record-type.ts";
import type { BindNow, Shape } from "../core/shape.ts";
import type { Reference } from "../core/when/index.ts";

/** A direction of a declared sort. */
export interface Order {
  sort: Sort;
  descending: boolean;
}

/** The parameters of one statement. No value becomes part of the SQL text. */
export function parameters(): { values: unknown[]; bind: Bind } {
  const values: unknown[] = [];
  return { values, bind: (value) => `$${values.push(value)}` };
}

/** `r."id", r."name", (…) AS "total_cents"` */
export function selectList({ columns, computed }: Shape, now: BindNow): string {
  const stored = columns.map((column) => `r."${column}"`);
  const derived = Object.entries(computed).map(([name, field]) => `${field.sql(now)} AS "${name}"`);
  return [...stored, ...derived].join(", ");
}

export const from = ({ table }: Shape): string => `FROM "${table}" r`;

/** The sort's value as exact text: a JavaScript Date would lose microseconds. */
export const exactText = ({ by, as }: Sort): string =>
  as === "timestamptz"
    ? `to_char(${by} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
    : `(${by})::text`;

/** Nulls come last in both directions; the id breaks ties in the same direction. */
export function orderBy({ sort, descending }: Order): string {
  const direction = descending ? "DESC" : "ASC";
  return `ORDER BY ${sort.by} ${direction}${sort.nullable ? " NULLS LAST" : ""}, r.id ${direction}`;
}

/** The rows that come after `position`. */
export function after({ sort, descending }: Order, { value, id }: Position, bind: Bind): string {
  const beyond = descending ? "<" : ">";
  if (value === null) return `(${sort.by} IS NULL AND r.id ${beyond} ${bind(id)})`;
  const keyset = `(${sort.by}, r.id) ${beyond} (${bind(value)}::${sort.as}, ${bind(id)})`;
  return sort.nullable ? `(${keyset} OR ${sort.by} IS NULL)` : keyset;
}

/** SQL condition of the filters, with the defaults of those that are left out. */
export function filtered(
  { type, filters }: { type: RecordType; filters: Record<string, unknown> },
  bind: Bind,
  reference: Reference,
): string {
  const chosen = Object.entries(type.filters).flatMap(([name, filter]) => {
    const value = filters[name] ?? filter.default;
    return value === undefined
      ? []
      : [`(${filter.where(value, bind, { ...reference, path: `filters.${name}` })})`];
  });
  return [...chosen, "true"].join(" AND ");
}

/** The words of a search. Words of punctuation count only if there are no others. */
export function wordsOf(...searches: (string | undefined)[]): string[] {
  const all = searches.flatMap((search) => search?.split(/\s+/).filter(Boolean) ?? []);
  const significant = all.filter((word) => /[\p{L}\p{N}]/u.test(word));
  return significant.length > 0 ? significant : all;
}

const like = (text: string, bind: Bind) => bind(`%${text.replace(/[\\%_]/g, "\\$&")}%`);

/** One condition per word: a text contains it. */
export const containing = (search: TextSearch, words: readonly string[], bind: Bind): string[] =>
  words.map((word) => wordFound(search, word, bind));

function wordFound(search: TextSearch, word: string, bind: Bind): string {
  const pattern = like(word, bind);
  const conditions = search.text.map((sql) => `${sql} ILIKE ${pattern}`);
  if (search.digits && /^[\d+().\-/]+$/.test(word) && /\d/.test(word)) {
    const digits = like(word.replace(/\D/g, ""), bind);
    conditions.push(...search.digits.map((sql) => `${sql} LIKE ${digits}`));
  }
  return `(${conditions.join(" OR ")})`;
}

/** Best match first: rows with every word in the first text, which is the name. */
export function relevance({ text }: TextSearch, words: readonly string[], bind: Bind): Order {
  const inName = words.map((word) => `${text[0]} ILIKE ${like(word, bind)}`).join(" AND ");
  return { sort: { by: `(${inName})::int`, as: "bigint" }, descending: true };
}

/** Joins the rows that an indexed search has ranked. */
export const ranked = (best: RankedPage["ranked"], bind: Bind): string =>
  `JOIN unnest(${bind(best.map(({ id }) => id))}::text[], ${bind(best.map(({ score }) => score))}::int[])
    AS found(id, score) ON found.id = r.id`;

export const BEST_FIRST: Order = { sort: { by: "found.score", as: "bigint" }, descending: true };

/** Related rows per record. More would fill a model's context; it can query their own type instead. */
export const MOST_RELATED = 50;

/** Whether only the first MOST_RELATED rows of an include are returned. */
export const isLimited = (include: ResolvedInclude): boolean => "by" in include && !("part" in include);

/** SQL: the related rows of one record. A limited list has one row more than is returned. `key` is what they join on. */
export function relatedToOne(include: ResolvedInclude, now: BindNow, key = "$1"): string {
  const select = `SELECT ${selectList(include.shape, now)} ${from(include.shape)}`;
  if ("via" in include) return `${select} WHERE r.id = ${key}`;
  const limit = isLimited(include) ? `LIMIT ${MOST_RELATED + 1}` : "";
  return `${select} WHERE r."${include.by}" = ${key} ORDER BY ${include.order} ${limit}`;
}

/** SQL: the same for many records at once, `$1` is the list of their keys. */
export const relatedToMany = (include: ResolvedInclude, now: BindNow): string =>
  `SELECT one.* FROM unnest($1::text[]) AS owner(id), LATERAL (${relatedToOne(include, now, "owner.id")}) one`;
