import type { EntityManager } from "typeorm";
import { prepared, rows } from "../../../entities/database.ts";
import { estimateRows } from "../../core/count.ts";
import { parameters } from "../../core/query-sql.ts";
import type { Best, Bind } from "../../core/record-type.ts";
import { type Arm, type Arms, armsOf, looserArms } from "./arms.ts";
import { type Meaning, meaningsOf } from "./meanings.ts";
import { type Found, type Score, scoreOf } from "./score.ts";

/** A customer that answers to a search. */
export interface Hit extends Score {
  id: string;
}

/** SQL predicate over the contact `r`. */
type Narrow = (bind: Bind) => string;

interface Reach {
  where: Narrow;
  /** Customers to look at, per way of reading the search. */
  most: number;
}

/** Fewer than so many that answer to all that is said, and those that answer to most of it are looked at too. */
const ENOUGH = 5;

/** Every customer that answers to all that is said, the best first; of very many only so many. */
export async function bestMatches(db: EntityManager, text: string, reach: Reach): Promise<Best> {
  const meanings = await understand(db, text);
  const { said, ...arms } = armsOf(meanings);
  const [first] = said;
  if (!first) return { ranked: [], total: 0 };
  const { ids, cut } = await gatherAll(db, { said, ...arms }, reach);
  const hits = (await judge(db, [...ids], meanings)).slice(0, reach.most);
  await rows(db, PLANNED, ["on", "on"]);
  const ranked = hits.map(({ id, score }) => ({ id, score: Math.round(score * 1000) }));
  if (!cut) return { ranked, total: ids.size };
  const { values, bind } = parameters();
  const source = sourceOf(first, reach.where, bind);
  return { ranked, ...(await estimateRows(db, source, { values, atLeast: ids.size })) };
}

/**
 * Customers that answer to all that is said or, where those are few, to most of it; the best first. What comes after
 * it in this transaction is planned without walking through tables.
 */
export async function likelyMatches(db: EntityManager, text: string, reach: Reach): Promise<Hit[]> {
  const meanings = await understand(db, text);
  const { ids } = await gatherAll(db, armsOf(meanings), reach);
  for (const arms of looserArms(meanings)) {
    if (ids.size >= ENOUGH) break;
    add(ids, await gather(db, arms, reach));
  }
  return judge(db, [...ids], meanings);
}

/** Where few answer to what is said, those who answer to what may have been meant; where too many, the likelier ones. */
async function gatherAll(
  db: EntityManager,
  { said, meant, preferred }: Arms,
  reach: Reach,
): Promise<Gathered> {
  const found = await gather(db, said, reach);
  if (found.ids.size < ENOUGH) {
    const more = await gather(db, meant, reach);
    add(found.ids, more);
    found.cut ||= more.cut;
  }
  if (found.cut) add(found.ids, await gather(db, preferred, reach));
  return found;
}

/** Words less alike than the extension's default count as near. */
const NEARER = prepared("SELECT set_config('pg_trgm.similarity_threshold', '0.25', true)");

async function understand(db: EntityManager, text: string): Promise<Meaning[]> {
  await rows(db, NEARER);
  return meaningsOf(db, text);
}

/** `cut`: one of the arms had more than were asked for. */
interface Gathered {
  ids: Set<string>;
  cut: boolean;
}

function add(ids: Set<string>, more: Gathered): void {
  for (const id of more.ids) ids.add(id);
}

/** The customers that the arms bring in, each up to `most`. */
async function gather(db: EntityManager, arms: readonly Arm[], { where, most }: Reach): Promise<Gathered> {
  const ids = new Set<string>();
  let cut = false;
  let walking: boolean | undefined;
  for (const arm of arms) {
    if (walking !== arm.plain) await rows(db, PLANNED, ["off", arm.plain ? "on" : "off"]);
    walking = arm.plain;
    const { values, bind } = parameters();
    const source = sourceOf(arm, where, bind);
    const found = await rows<{ id: string }>(db, `SELECT r.id ${source} LIMIT ${bind(most + 1)}`, values);
    cut ||= found.length > most;
    for (const { id } of found) ids.add(id);
  }
  return { ids, cut };
}

/**
 * Keeps the planner to the word index. How rare several words are together it guesses wrong by far, and then walks
 * through all customers until it has enough; of one common word it knows better, and then walking is quick.
 */
const PLANNED = prepared(
  `SELECT set_config('enable_indexscan', $1, true), set_config('enable_mergejoin', $1, true),
     set_config('enable_hashjoin', $1, true), set_config('enable_seqscan', $2, true)`,
);

/** `FROM … WHERE …`, of contacts `r` */
function sourceOf({ words, digits }: Arm, where: Narrow, bind: Bind): string {
  const conditions = [
    ...(words ? [`s.words @@ ${bind(words)}::tsquery`] : []),
    ...digits.map((fragment) => `s.digits LIKE ${bind(`%${fragment}%`)}`),
    where(bind),
  ];
  return `FROM contact_search s JOIN contact r ON r.id = s.contact_id WHERE ${conditions.join(" AND ")}`;
}

async function judge(db: EntityManager, ids: string[], meanings: readonly Meaning[]): Promise<Hit[]> {
  if (ids.length === 0) return [];
  const found = await rows<Found>(
    db,
    `SELECT r.id, r.name, s.digits, s.words::text AS words
     FROM contact_search s JOIN contact r ON r.id = s.contact_id WHERE s.contact_id = ANY($1)`,
    [ids],
  );
  return found
    .map((one) => ({ name: one.name, hit: { id: one.id, ...scoreOf(one, meanings) } }))
    .sort(
      ({ name: nameA, hit: a }, { name: nameB, hit: b }) =>
        b.score - a.score ||
        Number(b.visited) - Number(a.visited) ||
        order(nameA, nameB) ||
        order(a.id, b.id),
    )
    .map(({ hit }) => hit);
}

const order = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
