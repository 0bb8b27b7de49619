import { z } from "zod";
import { type CrmError, type FieldError, validationFailed } from "./errors.ts";
import { parse } from "./input.ts";
import { fieldsOf, type Order, wordsOf } from "./query-sql.ts";
import type { RecordType } from "./record-type.ts";

const names = z.array(z.string().min(1).max(60)).max(40);

/** What `crm_query` takes. Which filters, includes, fields and sorts there are depends on the type: see capabilities. */
export const queryInput = z.strictObject({
  type: z.string().max(60).describe("Type of record, such as contacts or tickets"),
  id: z
    .string()
    .min(1)
    .max(80)
    .optional()
    .describe("One record by its id; only include and fields go with it"),
  search: z
    .string()
    .max(200)
    .optional()
    .describe(
      "Fuzzy search across name, email, phone, notes; all words must match. Contacts also by address, past typos",
    ),
  filters: z
    .record(z.string().max(60), z.unknown())
    .optional()
    .describe("By name, such as {status: 'scheduled'}; may carry search too"),
  include: names.optional().describe("Related records to add, such as ['addresses', 'line_items']"),
  fields: names.optional().describe("Only these fields; id always stays"),
  sort: z.string().min(1).max(60).optional().describe("A sort's name; descending with - in front"),
  limit: z.int().min(1).max(100).default(20).describe("Most items in the answer"),
  cursor: z
    .string()
    .min(1)
    .max(8_000)
    .optional()
    .describe("next_cursor of the answer before, all else unchanged"),
});

export type QueryInput = z.input<typeof queryInput>;
type Query = z.output<typeof queryInput>;

/** A query whose every name exists and whose every value fits. */
export interface Question {
  type: RecordType;
  id?: string;
  words: string[];
  /** Parsed, without those that were left out. */
  filters: Record<string, unknown>;
  include: string[];
  fields?: string[];
  /** Left out: best match first. */
  order?: Order;
  limit: number;
  cursor?: string;
  /** All that decides which rows come in which order: what a cursor is good for. */
  identity: unknown;
}

/** Reads a query against what its type declares. Throws validation_failed with every name that does not exist. */
export function readQuestion(types: ReadonlyMap<string, RecordType>, input: unknown): Question {
  const query = parse(queryInput, input);
  const type = types.get(query.type);
  if (!type) throw unknown("types of records", [...types.keys()], [{ path: "type", name: query.type }]);
  if (query.id !== undefined) refuseBesideId(query);
  const { search, ...given } = query.filters ?? {};
  const searched = parse(queryInput.shape.search, search, "filters.search");
  const words = wordsOf(query.search, searched);
  const filters = readFilters(type, given);
  const include = [...new Set(query.include)];
  const places = (key: "include" | "fields") =>
    (query[key] ?? []).map((name, index) => ({ path: `${key}.${index}`, name }));
  expectKnown(`includes of ${type.type}`, Object.keys(type.includes), places("include"));
  expectKnown(`fields of ${type.type}`, [...fieldsOf(type.shape), ...include], places("fields"));
  return {
    ...query,
    type,
    words,
    filters,
    include,
    order: query.sort !== undefined || words.length === 0 ? readSort(type, query.sort) : undefined,
    identity: [type.type, query.sort, words, Object.entries(given).sort(([a], [b]) => (a < b ? -1 : 1))],
  };
}

function refuseBesideId(query: Query): void {
  const beside = (["search", "filters", "sort", "cursor"] as const).filter((key) => query[key] !== undefined);
  if (beside.length === 0) return;
  throw validationFailed(
    beside.map((path) => ({ path, message: "does not go with id, which names one record" })),
    "Leave out id to search, or keep only include and fields beside it.",
  );
}

function readFilters(type: RecordType, given: Record<string, unknown>): Record<string, unknown> {
  const said = Object.entries(given).filter(([, value]) => value !== undefined);
  const known = Object.keys(type.filters);
  expectKnown(
    `filters of ${type.type}`,
    [...known, "search"],
    said.map(([name]) => ({ path: `filters.${name}`, name })),
  );
  return Object.fromEntries(
    said.flatMap(([name, value]) => {
      const filter = type.filters[name];
      return filter ? [[name, parse(filter.schema, value, `filters.${name}`)]] : [];
    }),
  );
}

function readSort(type: RecordType, wanted: string = type.defaultSort): Order {
  const descending = wanted.startsWith("-");
  const name = descending ? wanted.slice(1) : wanted;
  const known = Object.keys(type.sorts);
  const sort = known.includes(name) ? type.sorts[name] : undefined;
  if (!sort) throw unknown(`sorts of ${type.type}`, known, [{ path: "sort", name }]);
  return { sort, descending };
}

interface Place {
  path: string;
  name: string;
}

function expectKnown(what: string, known: string[], asked: Place[]): void {
  const strange = asked.filter(({ name }) => !known.includes(name));
  if (strange.length > 0) throw unknown(what, known, strange);
}

function unknown(what: string, known: string[], strange: Place[]): CrmError {
  const fields: FieldError[] = strange.map(({ path, name }) => ({
    path,
    message: `${JSON.stringify(name)} is unknown`,
  }));
  return validationFailed(fields, `The ${what} are: ${known.join(", ")}.`);
}
