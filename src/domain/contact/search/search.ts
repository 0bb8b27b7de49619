import type { EntityManager } from "typeorm";
import { prepared, rows } from "../../../entities/database.ts";
import { estimateRows } from "../../core/count.ts";
import { parameters } from "../../core/query-sql.ts";
import type { Best, Bind } from "../../core/record-type.ts";
import { type Arm, looserArms, phoneArms, preferredArms, wholeArms } from "./arms.ts";
import { doubted, type Meaning, meaningsOf } from "./meanings.ts";
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

/** Fewer than so many that answer to what is said, and what may have been meant is looked up too. */
const ENOUGH = 5;
/** Who says more than so many words is hardly misunderstood in one of them. */
const FEW_WORDS = 3;

/** Every customer that answers to all that is said, the best first; of very many only so many. */
export async function bestMatches(db: EntityManager, text: string, reach: Reach): Promise<Best> {
  const answers = await byIndex(db, () => answersTo(db, text, reach));
  const { found, meanings, cut } = answers;
  const hits = ranked(answers).slice(0, reach.most);
  const best = hits.map(({ id, score }) => ({ id, score: Math.round(score * 1000) }));
  const [first] = wholeArms(meanings);
  if (!cut || !first) return { ranked: best, total: found.size };
  const { values, bind } = parameters();
  const source = sourceOf(first, reach.where, bind);
  return { ranked: best, ...(await estimateRows(db, source, { values, atLeast: found.size })) };
}

/** Customers that answer to all that is said or, where nobody does so clearly, to most of it; the best first. */
export const likelyMatches = (db: EntityManager, text: string, reach: Reach): Promise<Hit[]> =>
  byIndex(db, async () => {
    const answers = await answersTo(db, text, reach);
    for (const arms of looserArms(answers.meanings)) {
      if (isClear(answers)) break;
      add(answers, await gather(db, arms, reach));
    }
    return ranked(answers);
  });

/** Somebody answers better than those could who answer to all terms but one. */
function isClear(answers: Answers): boolean {
  const terms = answers.meanings.length;
  const [best] = ranked(answers);
  return answers.found.size >= ENOUGH || (best !== undefined && best.score >= (terms - 1) / terms);
}

interface Gathered {
  found: Map<string, Found>;
  /** One of the arms had more than were asked for. */
  cut: boolean;
}

interface Answers extends Gathered {
  meanings: Meaning[];
}

/** Where few answer to what is said, those who answer to what may have been meant; where too many, the likelier ones. */
async function answersTo(db: EntityManager, text: string, reach: Reach): Promise<Answers> {
  const meanings = await meaningsOf(db, text);
  const answers: Answers = { meanings, found: new Map(), cut: false };
  const seen = new Set<string>();
  const look = async (arms: readonly Arm[]) => {
    const fresh = arms.filter((arm) => !seen.has(JSON.stringify(arm)));
    for (const arm of fresh) seen.add(JSON.stringify(arm));
    add(answers, await gather(db, fresh, reach));
  };
  const numbers = meanings.every(({ term }) => term.kind === "number");
  await look([...wholeArms(meanings), ...(numbers ? phoneArms(meanings) : [])]);
  const { size } = answers.found;
  if (size === 0 || (size < ENOUGH && meanings.length <= FEW_WORDS)) {
    answers.meanings = await doubted(db, meanings);
    await look(wholeArms(answers.meanings));
  }
  if (answers.found.size === 0 && !numbers) await look(phoneArms(meanings));
  if (answers.cut) await look(preferredArms(answers.meanings));
  return answers;
}

function add(answers: Gathered, more: Gathered): void {
  for (const [id, one] of more.found) answers.found.set(id, one);
  answers.cut ||= more.cut;
}

/** The customers that the arms bring in, each up to `most`. */
async function gather(db: EntityManager, arms: readonly Arm[], reach: Reach): Promise<Gathered> {
  const found = new Map<string, Found>();
  const perArm = new Map<number, number>();
  const numbered = arms.map((arm, at) => ({ ...arm, at, digits: arm.digits.map((some) => `%${some}%`) }));
  const byWords = numbered.filter(({ words }) => words !== "");
  const byDigits = numbered.filter(({ words }) => words === "");
  const lookups: [typeof numbered, string][] = [
    [byWords, "s.words @@ arm.words::tsquery"],
    [byDigits, "s.digits LIKE arm.digits[1]"], // The index looks up one fragment; the rest is compared.
  ];
  for (const [some, held] of lookups) {
    if (some.length === 0) continue;
    for (const { at, ...one } of await lookUp(db, { arms: JSON.stringify(some), held }, reach)) {
      perArm.set(at, (perArm.get(at) ?? 0) + 1);
      found.set(one.id, one);
    }
  }
  return { found, cut: [...perArm.values()].some((count) => count > reach.most) };
}

interface Lookup {
  /** JSON */
  arms: string;
  held: string;
}

/**
 * All arms in one statement, each cut off by itself. The table is in parts, and the first ones that have enough end it.
 * OFFSET 0 keeps the planner from walking through all customers in search of one who answers.
 */
async function lookUp(
  db: EntityManager,
  { arms, held }: Lookup,
  { where, most }: Reach,
): Promise<(Found & { at: number })[]> {
  const { values, bind } = parameters();
  const text = `SELECT arm.at, one.* FROM jsonb_to_recordset(${bind(arms)}::jsonb) AS arm(at int, words text, digits text[]),
    LATERAL (SELECT s.contact_id AS id, r.name, s.digits, s.words::text AS words
      FROM contact_search s, LATERAL (SELECT r.name FROM contact r WHERE r.id = s.contact_id AND ${where(bind)} OFFSET 0) r
      WHERE ${held} AND s.digits LIKE ALL (arm.digits) LIMIT ${most + 1}) one`;
  const everybody = values.length === 1; // Always the same text, then.
  return rows(db, everybody ? prepared(text) : text, values);
}

/**
 * Keeps the planner to the word index, whatever it expects of the words: how rare several of them are together it
 * guesses wrong by far.
 */
const BY_INDEX = prepared(
  `SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true),
     set_config('plan_cache_mode', 'force_generic_plan', true)`,
);
const AS_BEFORE = prepared(
  "SELECT set_config('enable_seqscan', 'on', true), set_config('plan_cache_mode', 'auto', true)",
);

async function byIndex<T>(db: EntityManager, work: () => Promise<T>): Promise<T> {
  await rows(db, BY_INDEX);
  const answer = await work();
  await rows(db, AS_BEFORE);
  return answer;
}

/** `FROM … WHERE …`, of contacts `r` */
function sourceOf({ words, digits }: Arm, where: Narrow, bind: Bind): string {
  const conditions = [
    ...(words ? [`s.words @@ ${bind(words)}::tsquery`] : []),
    ...digits.map((fragment) => `s.digits LIKE ${bind(`%${fragment}%`)}`),
    where(bind),
  ];
  return `FROM contact_search s JOIN contact r ON r.id = s.contact_id WHERE ${conditions.join(" AND ")}`;
}

const ranked = ({ found, meanings }: Answers): Hit[] =>
  [...found.values()]
    .map((one) => ({ name: one.name, hit: { id: one.id, ...scoreOf(one, meanings) } }))
    .sort(
      ({ name: nameA, hit: a }, { name: nameB, hit: b }) =>
        b.score - a.score ||
        Number(b.visited) - Number(a.visited) ||
        order(nameA, nameB) ||
        order(a.id, b.id),
    )
    .map(({ hit }) => hit);

const order = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
