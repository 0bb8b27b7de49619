import type { Include, RecordType, Row } from "../core/record-type.ts";
import type { List } from "./list.ts";
import type { QueryAnswer } from "./run-query.ts";

type Related = Readonly<Record<string, Include>>;

/** Rows of `Type` with the record types of the includes that the query asked for, by the includes' names. */
export type RowWith<
  Type extends RecordType,
  Included extends Readonly<Record<string, RecordType>>,
> = Row<Type> & {
  [Name in keyof Included]: Type["includes"] extends Record<Name, { via: string }>
    ? Row<Included[Name]> | null
    : Row<Included[Name]>[];
};

/**
 * The list of a query without `id` and `fields`, with rows typed by the record types. Throws for the answer to another
 * query.
 */
export function listOf<
  Type extends RecordType<object, Related>,
  Included extends Readonly<Record<string, RecordType>> = Record<never, never>,
>(_type: Type, _included: Included, answer: QueryAnswer): List<RowWith<Type, Included>> {
  if (!("items" in answer)) throw new Error("a query with an id returns no list");
  return answer as never; // The query selects the fields that the types declare.
}
