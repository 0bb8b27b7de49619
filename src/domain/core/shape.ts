import { getMetadataArgsStorage } from "typeorm";
import type { BusinessRecord } from "../../entities/columns.ts";

/** A record as a query returns it. */
export type Item = Record<string, unknown>;

/** Binds the time of the query and returns its placeholder: `$2::timestamptz`. */
export type BindNow = () => string;

/** A field that is not stored. `Value` is the type of its values in rows. */
export interface Computed<Value = unknown> {
  /** SQL expression over `r`. It reads the time from `now` only, never from the database's clock. */
  sql(now: BindNow): string;
  /** Type only; never set. */
  readonly value?: Value;
}

export const computed = <Value>(sql: string | ((now: BindNow) => string)): Computed<Value> => ({
  sql: typeof sql === "string" ? () => sql : sql,
});

/** Computed: the currency of the business, for types with amounts of money. */
export const CURRENCY = computed<string>("(SELECT s.currency FROM settings s)");

/** Computed: an instant column as local time with its zone, `Mon 2026-11-23 15:30 America/Chicago`. */
export const inLocalWords = (column: string): Computed<string | null> =>
  computed(
    `(SELECT to_char(${column} AT TIME ZONE s.timezone, 'Dy YYYY-MM-DD HH24:MI') || ' ' || s.timezone FROM settings s)`,
  );

/** SQL: today's date in the business zone. */
export const todayAt = (now: BindNow): string =>
  `(SELECT (${now()} AT TIME ZONE s.timezone)::date FROM settings s)`;

export type Computations = Readonly<Record<string, Computed>>;

/** The fields of a table that queries return. `r` is the row in every SQL expression. */
export interface Shape<Row extends object = object> {
  table: string;
  /** Column, wire key and property have one name. */
  columns: readonly string[];
  computed: Computations;
  /** Type only; never set. */
  readonly row?: Row;
}

/** The columns of an entity. Relations are its only optional properties. */
export type Stored<Entity> = {
  [Key in keyof Entity as object extends Pick<Entity, Key> ? never : Key]: Entity[Key];
};

type Values<Fields> = { [Name in keyof Fields]: Fields[Name] extends Computed<infer Value> ? Value : never };

type Flat<Fields> = { [Name in keyof Fields]: Fields[Name] };

/** A row of `Entity` as queries return it. */
export type RowOf<Entity, Hidden extends PropertyKey, Fields> = Flat<
  Omit<Stored<Entity>, Hidden> & Values<Fields>
>;

export interface ShapeOptions<
  Entity extends BusinessRecord,
  Hidden extends keyof Stored<Entity>,
  Fields extends Computations,
> {
  entity: new () => Entity;
  /** Columns that queries never return. */
  hidden?: readonly Hidden[];
  computed?: Fields;
}

/** The shape of a table, from the columns of its entity. */
export function defineShape<
  Entity extends BusinessRecord,
  Hidden extends keyof Stored<Entity> = never,
  Fields extends Computations = Record<never, never>,
>({
  entity,
  hidden = [],
  computed: fields,
}: ShapeOptions<Entity, Hidden, Fields>): Shape<RowOf<Entity, Hidden, Fields>> {
  return {
    table: tableOf(entity),
    columns: columnsOf(entity).filter((column) => !hidden.some((name) => name === column)),
    computed: fields ?? {},
  };
}

/** All fields of a shape, stored and computed. */
export const fieldsOf = ({ columns, computed }: Pick<Shape, "columns" | "computed">): string[] => [
  ...columns,
  ...Object.keys(computed),
];

// The decorators fill TypeORM's metadata storage when the entity's file is loaded, so no connection is needed.

function tableOf(entity: new () => BusinessRecord): string {
  const table = getMetadataArgsStorage().tables.find(({ target }) => target === entity);
  if (!table?.name) throw new Error(`${entity.name} is no entity with a table name`);
  return table.name;
}

/** `id`, the entity's own columns in declaration order, then the columns of BusinessRecord. */
function columnsOf(entity: new () => BusinessRecord): string[] {
  const { columns } = getMetadataArgsStorage();
  const declaredBy = (target: unknown) =>
    columns.filter((column) => column.target === target).map(({ propertyName }) => propertyName);
  const shared = declaredBy(Object.getPrototypeOf(entity));
  return ["id", ...declaredBy(entity), ...shared.filter((name) => name !== "id")];
}
