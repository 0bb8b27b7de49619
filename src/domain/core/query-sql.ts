import type { Position } from "./cursor.ts";
import type { Question } from "./question.ts";
import type { Best, Bind, Include, Moment, Shape, Sort, TextSearch } from "./record-type.ts";

/** A direction of a declared sort. */
export interface Order {
  sort: Sort;
  descending: boolean;
}

/** One statement's parameters: every value goes in here, none into the SQL. */
export function parameters(): { values: unknown[]; bind: Bind } {
  const values: unknown[] = [];
  return { values, bind: (value) => `$${values.push(value)}` };
}

export const fieldsOf = ({ columns, computed }: Shape): string[] => [
  ...columns,
  ...Object.keys(computed ?? {}),
];

/** `r."id", r."name", (…) AS "total_cents"` */
export function selectList({ columns, computed }: Shape): string {
  const stored = columns.map((column) => `r."${column}"`);
  const derived = Object.entries(computed ?? {}).map(([name, sql]) => `${sql} AS "${name}"`);
  return [...stored, ...derived].join(", ");
}

export const from = ({ table }: Shape): string => `FROM "${table}" r`;

/** The sort's value as text that loses nothing: microseconds would not survive a JavaScript Date. */
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

/** What a question's rows must fulfil, but for its words: parsed filters, defaults of those that are left out. */
export function filtered(
  { type, filters }: Pick<Question, "type" | "filters">,
  bind: Bind,
  moment: Moment,
): string {
  const chosen = Object.entries(type.filters).flatMap(([name, filter]) => {
    const value = filters[name] ?? filter.default;
    return value === undefined ? [] : [`(${filter.where(value, bind, moment)})`];
  });
  return [...chosen, "true"].join(" AND ");
}

/** The words of a search: what is punctuation only counts where there is nothing else. */
export function wordsOf(...searches: (string | undefined)[]): string[] {
  const all = searches.flatMap((search) => search?.split(/\s+/).filter(Boolean) ?? []);
  const telling = all.filter((word) => /[\p{L}\p{N}]/u.test(word));
  return telling.length > 0 ? telling : all;
}

const like = (text: string, bind: Bind) => bind(`%${text.replace(/[\\%_]/g, "\\$&")}%`);

/** Each word is found where any place holds it, be it as a part. */
export const holding = (search: TextSearch, words: readonly string[], bind: Bind): string[] =>
  words.map((word) => found(search, word, bind));

function found(search: TextSearch, word: string, bind: Bind): string {
  const pattern = like(word, bind);
  const places = search.text.map((sql) => `${sql} ILIKE ${pattern}`);
  if (search.digits && /^[\d+().\-/]*\d[\d+().\-/]*$/.test(word)) {
    const digits = like(word.replace(/\D/g, ""), bind);
    places.push(...search.digits.map((sql) => `${sql} LIKE ${digits}`));
  }
  return `(${places.join(" OR ")})`;
}

/** Best first: rows with every word in the first place, which is the name. */
export function relevance({ text }: TextSearch, words: readonly string[], bind: Bind): Order {
  const inName = words.map((word) => `${text[0]} ILIKE ${like(word, bind)}`).join(" AND ");
  return { sort: { by: `(${inName})::int`, as: "bigint" }, descending: true };
}

/** Joins the rows that a type's own search has found. */
export const ranked = (best: Best["ranked"], bind: Bind): string =>
  `JOIN unnest(${bind(best.map(({ id }) => id))}::text[], ${bind(best.map(({ score }) => score))}::int[])
    AS found(id, score) ON found.id = r.id`;

export const BEST_FIRST: Order = { sort: { by: "found.score", as: "bigint" }, descending: true };

/** More related rows than this of one record would fill a model's memory: they have a type of their own to be asked for. */
export const MOST_RELATED = 50;

/** Related rows of one record, one more than are shown; `$1` is our id, or for a single one theirs. */
export function relatedToOne({ shape, ...include }: Include, id = "$1"): string {
  const select = `SELECT ${selectList(shape)} ${from(shape)}`;
  if ("one" in include) return `${select} WHERE r.id = ${id}`;
  const limit = include.part ? "" : `LIMIT ${MOST_RELATED + 1}`;
  return `${select} WHERE r."${include.many}" = ${id} ORDER BY ${include.order} ${limit}`;
}

/** The same of many records at once, by their ids. */
export const relatedToMany = (include: Include): string =>
  `SELECT one.* FROM unnest($1::text[]) AS owner(id), LATERAL (${relatedToOne(include, "owner.id")}) one`;
