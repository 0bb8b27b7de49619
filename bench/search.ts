import { availableParallelism } from "node:os";
import type { DataSource } from "typeorm";
import { loadSynthetic } from "../src/demo/synthetic.ts";
import { findCustomers } from "../src/domain/contact/find.ts";
import { contacts } from "../src/domain/contact/type.ts";
import { makeRegistry } from "../src/domain/core/registry.ts";
import { domains } from "../src/domain/index.ts";
import { encodeCursor } from "../src/domain/query/cursor.ts";
import { runQuery } from "../src/domain/query/run-query.ts";
import { exactText, orderBy } from "../src/domain/query/sql.ts";
import { parseQuery } from "../src/domain/query/parse.ts";
import { connect } from "../src/database/data-source.ts";
import { rows } from "../src/database/sql.ts";
import { buildSearch } from "../src/database/search-index.ts";
import { percentile, rounded } from "./load.ts";
import { prepareBaselines, type SearchBaseline, baselines } from "./search-baselines.ts";
import { KINDS, peopleOf, type Sample, samplesOf } from "./search-samples.ts";
import { withEnvironment } from "./environment.ts";

interface Figures {
  calls: number;
  p50_ms: number;
  p99_ms: number;
  /** Share of searches with a correct result among the first ten. */
  found_percent: number;
}

interface Compared {
  kind: string;
  ours: Figures;
  ilike: Figures;
  trigram: Figures;
  /** p99 of the baseline divided by ours. */
  ilike_ratio: number;
  trigram_ratio: number;
  wants: string;
  met: boolean;
}

interface Depth {
  sort: string;
  /** Rows before the page. */
  depth: number;
  p50_ms: number;
  p99_ms: number;
}

export interface SearchResults {
  contacts: number;
  machine: { cores: number; node: string; platform: string };
  build_seconds: { contacts: number; index: number };
  kinds: Compared[];
  pages: Depth[];
}

const CALLS = { ours: 200, trigram: 20, ilike: 5, page: 100 };
const P99_MS = 50;
const TIMES_BELOW_TRIGRAM = 5;
const TYPES = makeRegistry(domains).types;

/** Measures every kind of search against the baselines among `count` synthetic customers, and pages of the list. */
export const benchSearch = (count: number, log: (line: string) => void): Promise<SearchResults> =>
  withEnvironment("postgres", async (environment) => {
    const place = await environment.place();
    log(`${count} customers`);
    const loaded = await seconds(() => loadSynthetic(place.databaseUrl, count, () => undefined));
    log("search index");
    const indexed = await seconds(() => buildSearch(place.databaseUrl));
    log("indexes of the baselines");
    await prepareBaselines(place.databaseUrl);
    const db = await connect(place.databaseUrl);
    const samples = await samplesOf(db, CALLS.ours);
    const kinds: Compared[] = [];
    for (const kind of KINDS) {
      log(kind.name);
      kinds.push(await compare(db, kind, samples));
    }
    log("pages");
    const pages = await depths(db, count);
    await db.destroy();
    await place.drop();
    const machine = { cores: availableParallelism(), node: process.version, platform: process.platform };
    return { contacts: count, machine, build_seconds: { contacts: loaded, index: indexed }, kinds, pages };
  });

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return rounded((performance.now() - started) / 1_000);
}

type Kind = (typeof KINDS)[number];

async function compare(db: DataSource, kind: Kind, samples: readonly Sample[]): Promise<Compared> {
  const search: SearchBaseline = async (query) => {
    const { candidates } = await findCustomers(db, { query, include_history: false }, new Date());
    return candidates.map(({ id }) => id);
  };
  const measured = (baseline: SearchBaseline, calls: number) =>
    measure(db, baseline, { kind, samples: samples.slice(0, calls) });
  const ours = await measured(search, CALLS.ours);
  const trigram = await measured(
    kind.named ? baselines.trigramOfName(db) : baselines.trigram(db),
    CALLS.trigram,
  );
  const ilike = await measured(baselines.ilike(db), CALLS.ilike);
  const trigram_ratio = rounded(trigram.p99_ms / ours.p99_ms);
  const minRatio = kind.misspelt ? TIMES_BELOW_TRIGRAM : 0;
  return {
    kind: kind.name,
    ours,
    ilike,
    trigram,
    ilike_ratio: rounded(ilike.p99_ms / ours.p99_ms),
    trigram_ratio,
    wants: `p99 under ${P99_MS} ms${minRatio ? `, ${minRatio} × below trigram` : ""}`,
    met: ours.p99_ms < P99_MS && trigram_ratio >= minRatio,
  };
}

async function measure(
  db: DataSource,
  baseline: SearchBaseline,
  { kind, samples }: { kind: Kind; samples: readonly Sample[] },
): Promise<Figures> {
  for (const sample of samples.slice(0, samples.length / 10)) await baseline(kind.query(sample));
  const times: number[] = [];
  let found = 0;
  for (const sample of samples) {
    const sent = performance.now();
    const ids = await baseline(kind.query(sample));
    times.push(performance.now() - sent);
    const people = await peopleOf(db, ids);
    if (people.some((one) => kind.fits(one, sample))) found++;
  }
  return {
    calls: times.length,
    p50_ms: percentile(times, 50),
    p99_ms: percentile(times, 99),
    found_percent: Math.round((100 * found) / times.length),
  };
}

async function depths(db: DataSource, count: number): Promise<Depth[]> {
  const measured: Depth[] = [];
  for (const sort of Object.keys(contacts.sorts).flatMap((name) => [name, `-${name}`])) {
    for (const depth of [1, 1_000, 100_000].filter((rowsBefore) => rowsBefore < count)) {
      const cursor = await cursorAfter(db, sort, depth);
      const times: number[] = [];
      for (let call = 0; call < CALLS.page; call++) {
        const sent = performance.now();
        await runQuery(db, { type: "contacts", sort, cursor }, { types: TYPES, now: new Date() });
        times.push(performance.now() - sent);
      }
      measured.push({ sort, depth, p50_ms: percentile(times, 50), p99_ms: percentile(times, 99) });
    }
  }
  return measured;
}

/** The cursor of a page that ends at row `depth`. */
async function cursorAfter(db: DataSource, sort: string, depth: number): Promise<string> {
  const { order, identity } = parseQuery(TYPES, { type: "contacts", sort });
  if (!order) throw new Error(`contacts have no sort ${sort}`);
  const [last] = await rows<{ value: string; id: string }>(
    db.manager,
    `SELECT ${exactText(order.sort)} AS value, r.id FROM contact r WHERE r.archived_at IS NULL
     ${orderBy(order)} OFFSET $1 LIMIT 1`,
    [depth - 1],
  );
  return encodeCursor(last ?? { value: null, id: "" }, identity);
}

/** A text report. */
export function searchReport({ contacts: count, build_seconds, kinds, pages }: SearchResults): string {
  const figures = (name: string, { p50_ms, p99_ms, found_percent }: Figures) =>
    `${name} p50 ${p50_ms} p99 ${p99_ms} ms, ${found_percent} % found`;
  const compared = kinds.map(
    (one) =>
      `  ${one.kind.padEnd(18)} ${figures("ours", one.ours)}; ${figures("ILIKE", one.ilike)} (${one.ilike_ratio} ×); ${figures("trigram", one.trigram)} (${one.trigram_ratio} ×)  (wants ${one.wants}${one.met ? "" : ": MISSED"})`,
  );
  const listed = pages.map(
    ({ sort, depth, p50_ms, p99_ms }) =>
      `  page by ${sort.padEnd(12)} after ${String(depth).padStart(7)} rows  p50 ${p50_ms} ms  p99 ${p99_ms} ms`,
  );
  const built = `  made in ${build_seconds.contacts} s, indexed in ${build_seconds.index} s`;
  return [`Among ${count} customers:`, built, ...compared, ...listed, ""].join("\n");
}
