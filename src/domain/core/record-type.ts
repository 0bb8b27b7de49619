import type { EntityManager } from "typeorm";
import type { z } from "zod";
import type { Reference } from "./when/index.ts";
import type { BusinessRecord } from "../../entities/columns.ts";
import {
  type Computations,
  defineShape,
  type RowOf,
  type Shape,
  type ShapeOptions,
  type Stored,
} from "./shape.ts";

/** Adds a value to the statement's parameters and returns its place: `$3`. */
export type Bind = (value: unknown) => string;

/** When and where a query is asked, which says what words such as "today" mean, and which filter asks. */
export interface Asked extends Reference {
  /** `filters.from` */
  path: string;
}

export interface Filter<Schema extends z.ZodType = z.ZodType, Resolved = z.output<Schema>> {
  /** For a model. */
  description: string;
  schema: Schema;
  /** Applies when the caller leaves the filter out. */
  default?: z.output<Schema>;
  /** Looks up what the value names, in the query's own snapshot; `where` gets the result. Throws validation_failed. */
  resolve?(db: EntityManager, value: z.output<Schema>): Promise<Resolved>;
  /** SQL predicate over `r`. Values go through `bind` only. */
  where(value: Resolved, bind: Bind, asked: Asked): string;
}

/** Type-checks a filter at its declaration, then erases its types: the query passes what `schema` parsed. */
export const defineFilter = <Schema extends z.ZodType, Resolved = z.output<Schema>>(
  filter: Filter<Schema, Resolved>,
): Filter => filter;

/** `by`: a list, their column holds our id. `via`: one record or null, our column holds its id. */
type Join = { by: string; order: string } | { via: string };

/**
 * Related records. `type` names their record type. A `part` has no record type, so it cannot be queried by itself and
 * its lists are never truncated.
 */
export type Include = ({ type: string } | { part: Shape }) & Join;

/** An include with the shape of its records. */
export type ResolvedInclude = Include & {
  shape: Shape;
  /** `RecordType.brief` of its records. */
  brief?: readonly string[] | undefined;
};

export interface Sort {
  /** SQL expression over `r`. */
  by: string;
  as: "text" | "bigint" | "date" | "timestamptz";
  nullable?: boolean;
}

/** Substring search: every word must be found in one of the texts. */
export interface TextSearch {
  /** SQL texts. Rows with all words in the first one rank first. */
  text: readonly [string, ...string[]];
  /** SQL texts of digits, for words that are numbers in any notation. */
  digits?: readonly string[];
}

/** A search with an index of its own, for types with very many rows. */
export interface IndexedSearch {
  /** The best matches among the rows `r` that satisfy `where`, at most `most`. */
  best(
    db: EntityManager,
    text: string,
    scope: { where: (bind: Bind) => string; most: number },
  ): Promise<RankedPage>;
}

export interface Count {
  total: number;
  /** Set if there are too many rows for an exact count. */
  total_is_estimate?: true;
}

/** `total` counts all matches; it is an estimate when there are more of them than `ranked` holds. */
export interface RankedPage extends Count {
  /** The higher the score, the better; no id twice. */
  ranked: { id: string; score: number }[];
}

type Includes = Readonly<Record<string, Include>>;

/** Declares one queryable record type. Queries, REST lists and capabilities are generated from it. */
export interface RecordType<Row extends object = object, Related extends Includes = Includes> {
  /** `contacts` */
  type: string;
  /** One line for a model. */
  description: string;
  shape: Shape<Row>;
  /** The column with the id of the record to return instead: the id of a merged duplicate finds the kept record. */
  forward?: string;
  /** The fields besides `id` that tell its records apart where a model gets them as an include. Default: all. */
  brief?: readonly string[];
  filters: Readonly<Record<string, Filter>>;
  includes: Related;
  search: TextSearch | IndexedSearch;
  /** Ascending by name, descending as `-name`. */
  sorts: Readonly<Record<string, Sort>>;
  /** `-created_at` */
  defaultSort: string;
}

/** A record type in the registry. */
export type ResolvedRecordType = RecordType<object, Readonly<Record<string, ResolvedInclude>>>;

/** A row of a record type, without includes. */
export type Row<Type extends RecordType> = NonNullable<Type["shape"]["row"]>;

type RecordTypeOptions<
  Entity extends BusinessRecord,
  Hidden extends keyof Stored<Entity>,
  Fields extends Computations,
  Related extends Includes,
> = ShapeOptions<Entity, Hidden, Fields> & { includes: Related } & Omit<RecordType, "shape" | "includes">;

/** Declares a record type. Its fields are the entity's columns without `hidden`, plus `computed`. */
export function defineRecordType<
  Entity extends BusinessRecord,
  Hidden extends keyof Stored<Entity> = never,
  Fields extends Computations = Record<never, never>,
  const Related extends Includes = Includes,
>({
  entity,
  hidden,
  computed,
  ...type
}: RecordTypeOptions<Entity, Hidden, Fields, Related>): RecordType<RowOf<Entity, Hidden, Fields>, Related> {
  return { ...type, shape: defineShape({ entity, hidden, computed }) };
}

/** Resolves the record types that includes name. Throws for a name that does not exist. */
export function resolveIncludes(types: readonly RecordType[]): Map<string, ResolvedRecordType> {
  const known = new Map(types.map((type) => [type.type, type]));
  const resolve = (owner: RecordType, name: string, include: Include): ResolvedInclude => {
    const type = "part" in include ? undefined : known.get(include.type);
    const shape = "part" in include ? include.part : type?.shape;
    if (!shape) throw new Error(`${owner.type} includes ${name} of a type that does not exist`);
    const [column, columns] =
      "by" in include ? [include.by, shape.columns] : [include.via, owner.shape.columns];
    if (!columns.includes(column))
      throw new Error(`${owner.type} includes ${name} by a column that does not exist`);
    return { ...include, shape, brief: type?.brief };
  };
  return new Map(
    types.map((type) => [
      type.type,
      {
        ...type,
        includes: Object.fromEntries(
          Object.entries(type.includes).map(([name, include]) => [name, resolve(type, name, include)]),
        ),
      },
    ]),
  );
}
