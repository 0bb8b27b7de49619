import type { DataSource, EntityManager } from "typeorm";
import { type Prepared, prepared, rows } from "../../entities/database.ts";
import { type Today, todayOf } from "./calendar.ts";
import { type Counted, countRows } from "./count.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import { notFound } from "./errors.ts";
import * as sql from "./query-sql.ts";
import { type Question, readQuestion } from "./question.ts";
import type { Bind, Include, Moment, RecordType, Shape, TextSearch } from "./record-type.ts";

export { type QueryInput, queryInput } from "./question.ts";
export type { RecordType } from "./record-type.ts";

/** A record as it is shown. */
export type Item = Record<string, unknown>;

/** A search with an index of its own ranks so many of its matches, best first or in any order asked for. */
const MOST_RANKED = 200;

interface Page extends Counted {
  items: Item[];
  next_cursor: string | null;
}

/** Includes that hold only their first MOST_RELATED rows, each with the ids of the records that have more. */
interface Truncated {
  truncated?: Record<string, unknown[]>;
}

/** `forwarded_from`: the id that was asked for, where another record stands for it now. */
export type QueryAnswer = (Page | { item: Item; forwarded_from?: string }) & Truncated & { today: Today };

/**
 * Answers a query, read-only and from one snapshot; `input` may be anything. Throws validation_failed, which names the
 * fields, or not_found.
 */
export async function runQuery(
  db: DataSource,
  types: ReadonlyMap<string, RecordType>,
  input: unknown,
  now: Date,
): Promise<QueryAnswer> {
  const question = readQuestion(types, input);
  return db.transaction("REPEATABLE READ", async (snapshot) => {
    await snapshot.query("SET TRANSACTION READ ONLY");
    const moment = { now, zone: await zoneOf(snapshot) };
    const { id } = question;
    const answer =
      id === undefined ? await readPage(snapshot, question, moment) : await readOne(snapshot, question, id);
    return { ...answer, today: todayOf(moment) };
  });
}

async function readOne(db: EntityManager, question: Question, id: string) {
  const { type, include } = question;
  const asked = await readRecord(db, type, id);
  const kept = type.forward && asked[type.forward];
  const item = typeof kept === "string" ? await readRecord(db, type, kept) : asked;
  const truncated = await addIncludes(db, type, { items: [item], include });
  return { item: trim(question, item), ...truncated, ...(item !== asked && { forwarded_from: id }) };
}

/** One record exactly as a query shows it, inside any transaction; `not_found` where there is none. */
export async function readRecord(
  db: EntityManager,
  type: RecordType,
  id: string,
  include: readonly string[] = [],
): Promise<Item> {
  const [item] = await rows<Item>(db, statementOf(type.shape, reading), [id]);
  if (!item) throw notFound(type.shape.table, id);
  await addIncludes(db, type, { items: [item], include });
  return item;
}

const statements = new WeakMap<Shape | Include, Prepared>();

/** The statement of that shape or include, made once. */
function statementOf<Of extends Shape | Include>(of: Of, text: (of: Of) => string): Prepared {
  const known = statements.get(of);
  if (known) return known;
  const statement = prepared(text(of));
  statements.set(of, statement);
  return statement;
}

const reading = (shape: Shape): string =>
  `SELECT ${sql.selectList(shape)} ${sql.from(shape)} WHERE r.id = $1`;

/** The business zone; UTC before the first start has written the settings. */
async function zoneOf(db: EntityManager): Promise<string> {
  const [settings] = await rows<{ timezone: string }>(db, "SELECT timezone FROM settings");
  return settings?.timezone ?? "UTC";
}

async function readPage(db: EntityManager, question: Question, moment: Moment): Promise<Page & Truncated> {
  const { type, limit, cursor, identity } = question;
  const { values, bind } = sql.parameters();
  const { source, order, counted } = await rowsOf(db, question, { values, bind, moment });
  const beyond =
    cursor === undefined ? "true" : sql.after(order, decodeCursor(cursor, identity, order.sort), bind);
  const found = await rows<Item & { id: string; sort_value: string | null }>(
    db,
    `SELECT ${sql.selectList(type.shape)}, ${sql.exactText(order.sort)} AS sort_value ${source}
      AND ${beyond} ${sql.orderBy(order)} LIMIT ${bind(limit + 1)}`,
    values,
  );
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  const truncated = await addIncludes(db, type, { items: page, include: question.include });
  return {
    items: page.map((item) => trim(question, item)),
    next_cursor: last ? encodeCursor({ value: last.sort_value, id: last.id }, identity) : null,
    ...counted,
    ...truncated,
  };
}

/** The filters' values as their SQL takes them: some name what only the database knows. */
async function resolved(db: EntityManager, { type, filters }: Question): Promise<Question["filters"]> {
  const meant = { ...filters };
  for (const [name, value] of Object.entries(filters)) {
    const filter = type.filters[name];
    if (filter?.resolve) meant[name] = await filter.resolve(db, value);
  }
  return meant;
}

interface Statement {
  values: unknown[];
  bind: Bind;
  moment: Moment;
}

/** The rows that a question is about: `FROM … WHERE …`, their order, and how many they are. */
interface Rows {
  source: string;
  order: sql.Order;
  counted: Counted;
}

const NOWHERE: TextSearch = { text: ["''"] };

async function rowsOf(db: EntityManager, question: Question, statement: Statement): Promise<Rows> {
  const { type, words } = question;
  const { values, bind, moment } = statement;
  const filters = await resolved(db, question);
  if (words.length > 0 && "best" in type.search) {
    const where = (its: Bind) => sql.filtered({ type, filters }, its, moment);
    const { ranked, ...counted } = await type.search.best(db, words.join(" "), { where, most: MOST_RANKED });
    const source = `${sql.from(type.shape)} ${sql.ranked(ranked, bind)} WHERE true`;
    return { source, order: question.order ?? sql.BEST_FIRST, counted };
  }
  const search = "text" in type.search ? type.search : NOWHERE; // Without words nothing is looked for.
  const where = [sql.filtered({ type, filters }, bind, moment), ...sql.holding(search, words, bind)].join(
    " AND ",
  );
  const source = `${sql.from(type.shape)} WHERE ${where}`;
  const counted = await countRows(db, source, [...values]);
  return { source, order: question.order ?? sql.relevance(search, words, bind), counted };
}

/** Puts the related records under their names, one statement for each name; says where there are more. */
async function addIncludes(
  db: EntityManager,
  type: RecordType,
  { items, include }: { items: Item[]; include: readonly string[] },
): Promise<Truncated> {
  const truncated: Record<string, unknown[]> = {};
  for (const name of include) {
    const relation = type.includes[name];
    if (!relation) throw new Error(`${type.type} declares no include ${name}`);
    const relatedTo = await readRelated(db, relation, items);
    for (const item of items) {
      const related = relatedTo(item);
      const cut = "many" in relation && !relation.part && Array.isArray(related);
      item[name] = cut ? related.slice(0, sql.MOST_RELATED) : related;
      if (cut && related.length > sql.MOST_RELATED) (truncated[name] ??= []).push(item["id"]);
    }
  }
  return Object.keys(truncated).length > 0 ? { truncated } : {};
}

async function readRelated(
  db: EntityManager,
  relation: Include,
  items: Item[],
): Promise<(item: Item) => Item[] | Item | null> {
  const [ours, theirs] = "many" in relation ? ["id", relation.many] : [relation.one, "id"];
  const keys = new Set(items.map((item) => item[ours]).filter((key) => key !== null));
  const related = await readAll(db, relation, [...keys]);
  const byKey = new Map<unknown, Item[]>();
  for (const row of related) {
    const group = byKey.get(row[theirs]);
    if (group) group.push(row);
    else byKey.set(row[theirs], [row]);
  }
  return (item) => {
    const group = byKey.get(item[ours]) ?? [];
    return "many" in relation ? group : (group[0] ?? null);
  };
}

async function readAll(db: EntityManager, relation: Include, keys: unknown[]): Promise<Item[]> {
  if (keys.length === 0) return [];
  if (keys.length > 1) return rows(db, sql.relatedToMany(relation), [keys]);
  return rows(db, statementOf(relation, sql.relatedToOne), keys); // Of a record that was just written, above all.
}

/** Only what is asked for: drops `sort_value` too. */
function trim({ type, fields, include }: Question, item: Item): Item {
  const kept = new Set(["id", ...(fields ?? sql.fieldsOf(type.shape)), ...include]);
  return Object.fromEntries(Object.entries(item).filter(([name]) => kept.has(name)));
}
