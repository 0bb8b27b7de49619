import type { EntityManager } from "typeorm";
import type { z } from "zod";
import type { Counted } from "./count.ts";

/** Columns of one table as they are shown, without an engine's ideas about searching. `r` is the row in every SQL. */
export interface Shape {
  table: string;
  /** Column = wire = property. */
  columns: readonly string[];
  /** What is not stored: name → SQL expression. */
  computed?: Readonly<Record<string, string>>;
}

/** Computed: the business's own, beside amounts of money. */
export const CURRENCY = "(SELECT s.currency FROM settings s)";

/** Computed: an instant column for a person, `Mon 2026-11-23 15:30 America/Chicago`. */
export const inLocalWords = (column: string): string =>
  `(SELECT to_char(${column} AT TIME ZONE s.timezone, 'Dy YYYY-MM-DD HH24:MI') || ' ' || s.timezone FROM settings s)`;

/** Puts a value into the statement's parameters and gives its place: `$3`. */
export type Bind = (value: unknown) => string;

/** When and where a question is asked: what `today` means. */
export interface Moment {
  now: Date;
  /** IANA zone of the business. */
  zone: string;
}

export interface Filter<Schema extends z.ZodType = z.ZodType, Meant = z.output<Schema>> {
  /** For a model. */
  description: string;
  schema: Schema;
  /** Applies where the caller does not say. */
  default?: z.output<Schema>;
  /** Reads what a value names, in the query's own snapshot; `where` gets the answer. Throws validation_failed. */
  resolve?(db: EntityManager, value: z.output<Schema>): Promise<Meant>;
  /** SQL predicate over `r`; values go through `bind` only. */
  where(value: Meant, bind: Bind, moment: Moment): string;
}

/** Checks a filter's shape where it is written; its own type is forgotten, the engine hands over what `schema` parsed. */
export const defineFilter = <Schema extends z.ZodType, Meant = z.output<Schema>>(
  filter: Filter<Schema, Meant>,
): Filter => filter;

/**
 * Related records under their own name: `many` by their column that holds our id, `one` by our column that holds theirs.
 * A `part` can be asked for nowhere else, and is given whole.
 */
export type Include = { shape: Shape } & ({ many: string; order: string; part?: true } | { one: string });

export interface Sort {
  /** SQL expression over `r`. */
  by: string;
  as: "text" | "bigint" | "date" | "timestamptz";
  nullable?: boolean;
}

/** Looks for each word in every place. */
export interface TextSearch {
  /** SQL text in which each word must be found; a match of all words in the first one ranks first. */
  text: readonly [string, ...string[]];
  /** SQL text of digits, for words that are numbers in any notation. */
  digits?: readonly string[];
}

/** A search with an index of its own: for types of which there are very many. */
export interface OwnSearch {
  /** The best matches among the rows `r` that `where` lets through, `most` at most. */
  best(
    db: EntityManager,
    text: string,
    narrowed: { where: (bind: Bind) => string; most: number },
  ): Promise<Best>;
}

/** `total`: of all that match; more than those ranked where there are very many, and then an estimate. */
export interface Best extends Counted {
  /** The higher the score, the better; no id twice. */
  ranked: { id: string; score: number }[];
}

/** What can be asked of one type of record: declared once, everything about querying is generated from it. */
export interface RecordType {
  /** `contacts` */
  type: string;
  /** One line for a model. */
  description: string;
  shape: Shape;
  /** The column that names the record to show instead: an old id still finds who was kept. */
  forward?: string;
  filters: Readonly<Record<string, Filter>>;
  includes: Readonly<Record<string, Include>>;
  search: TextSearch | OwnSearch;
  /** Ascending by name, descending as `-name`. */
  sorts: Readonly<Record<string, Sort>>;
  /** `-created_at` */
  defaultSort: string;
}
