import { z } from "zod";
import { type CrmError, type FieldError, validationFailed } from "../core/errors.ts";
import { parse } from "../core/input.ts";
import type { RecordType, ResolvedRecordType } from "../core/record-type.ts";
import { fieldsOf } from "../core/shape.ts";
import { type Order, wordsOf } from "./sql.ts";

/** Words of one search. Each costs a look at every row; further ones are ignored. */
export const MOST_WORDS = 10;

const names = z.array(z.string().min(1).max(60)).max(40);

/** Input of `crm_query`. The names of filters, includes, fields and sorts depend on the type: see capabilities. */
export const queryInput = z.strictObject({
  type: z.string().max(60).describe("Type of record, such as contacts or tickets"),
  id: z
    .string()
    .min(1)
    .max(80)
    .optional()
    .describe("One record by its id; combine only with include and fields"),
  search: z
    .string()
    .max(200)
    .optional()
    .describe(
      `Fuzzy search across name, email, phone, notes; all words must match, at most ${MOST_WORDS}. Contacts: also address, tolerates typos`,
    ),
  filters: z
    .record(z.string().max(60), z.unknown())
    .optional()
    .describe("By name, such as {status: 'scheduled'}; search is accepted here too"),
  include: names.optional().describe("Related records to add, such as ['addresses', 'line_items']"),
  fields: names
    .optional()
    .describe("Only these fields; id is always returned. customer.name is a field of the include customer"),
  sort: z.string().min(1).max(60).optional().describe("Name of a sort; prefix - for descending"),
  limit: z.int().min(1).max(100).default(20).describe("Maximum number of items"),
  cursor: z
    .string()
    .min(1)
    .max(8_000)
    .optional()
    .describe("next_cursor of the previous answer; leave everything else unchanged"),
});

export type QueryInput = z.input<typeof queryInput>;
type Query = z.output<typeof queryInput>;

/** A valid query: every name exists and every value fits. */
export interface ParsedQuery {
  type: ResolvedRecordType;
  id?: string;
  words: string[];
  /** Words of the search beyond MOST_WORDS. */
  ignored: string[];
  /** Parsed values of the filters given. */
  filters: Record<string, unknown>;
  include: string[];
  fields?: string[];
  /** Fields of includes that were asked for by name (`customer.name`), by include. */
  includeFields: ReadonlyMap<string, readonly string[]>;
  /** Undefined: best match first. */
  order?: Order;
  limit: number;
  cursor?: string;
  /** Everything that decides rows and order. A cursor is valid for one identity. */
  identity: unknown;
}

/** Checks a query against its type. Throws validation_failed with every unknown name. */
export function parseQuery(types: ReadonlyMap<string, ResolvedRecordType>, input: unknown): ParsedQuery {
  const query = parse(queryInput, input);
  const type = types.get(query.type);
  if (!type) throw unknown("types of records", [...types.keys()], [{ path: "type", name: query.type }]);
  if (query.id !== undefined) rejectWithId(query);
  const { search, ...given } = query.filters ?? {};
  const searched = parse(queryInput.shape.search, search, "filters.search");
  const all = wordsOf(query.search, searched);
  const [words, ignored] = [all.slice(0, MOST_WORDS), all.slice(MOST_WORDS)];
  const filters = readFilters(type, given);
  const includeFields = readIncludeFields(type, query.fields ?? []);
  const include = [...new Set([...(query.include ?? []), ...includeFields.keys()])];
  const places = (key: "include" | "fields") =>
    (query[key] ?? []).flatMap((name, index) =>
      key === "fields" && name.includes(".") ? [] : [{ path: `${key}.${index}`, name }],
    );
  expectKnown(`includes of ${type.type}`, Object.keys(type.includes), places("include"));
  expectKnown(`fields of ${type.type}`, [...fieldsOf(type.shape), ...include], places("fields"));
  return {
    ...query,
    type,
    words,
    ignored,
    filters,
    include,
    includeFields,
    order: query.sort !== undefined || words.length === 0 ? readSort(type, query.sort) : undefined,
    identity: [type.type, query.sort, words, Object.entries(given).sort(([a], [b]) => (a < b ? -1 : 1))],
  };
}

/** `customer.name`: a field of an include, which it adds to the answer. */
function readIncludeFields(type: ResolvedRecordType, asked: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  asked.forEach((name, index) => {
    const [owner = "", field = "", ...rest] = name.split(".");
    if (field === "" && !name.includes(".")) return;
    const path = `fields.${index}`;
    expectKnown(`includes of ${type.type}`, Object.keys(type.includes), [{ path, name: owner }]);
    const include = type.includes[owner];
    if (!include) return;
    const wanted = [field, ...rest].join(".");
    expectKnown(`fields of ${owner}`, fieldsOf(include.shape), [{ path, name: wanted }]);
    found.set(owner, [...(found.get(owner) ?? []), wanted]);
  });
  return found;
}

function rejectWithId(query: Query): void {
  const extra = (["search", "filters", "sort", "cursor"] as const).filter((key) => query[key] !== undefined);
  if (extra.length === 0) return;
  throw validationFailed(
    extra.map((path) => ({ path, message: "cannot be combined with id, which names one record" })),
    "Leave out id to search, or send id with include and fields only.",
  );
}

function readFilters(type: RecordType, given: Record<string, unknown>): Record<string, unknown> {
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  const known = Object.keys(type.filters);
  expectKnown(
    `filters of ${type.type}`,
    [...known, "search"],
    present.map(([name]) => ({ path: `filters.${name}`, name })),
  );
  return Object.fromEntries(
    present.flatMap(([name, value]) => {
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

interface Name {
  path: string;
  name: string;
}

function expectKnown(what: string, known: string[], names: Name[]): void {
  const unknownNames = names.filter(({ name }) => !known.includes(name));
  if (unknownNames.length > 0) throw unknown(what, known, unknownNames);
}

function unknown(what: string, known: string[], names: Name[]): CrmError {
  const fields: FieldError[] = names.map(({ path, name }) => ({
    path,
    message: `${JSON.stringify(name)} is unknown`,
  }));
  return validationFailed(fields, `The ${what} are: ${known.join(", ")}.`);
}
