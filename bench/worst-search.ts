import type { TestApp } from "../tests/support/app.ts";
import { createAgentToken } from "../src/identity/tokens.ts";
import { collectIds, MARK, type Schema } from "./extremes.ts";
import { rounded } from "./load.ts";
import { candidatesFor, interleaved, type Published, type WorstCall } from "./worst-candidates.ts";

interface Cost {
  name: string;
  status: number;
  ms: number;
  bytes: number;
}

export interface Searched {
  worst: WorstCall[];
  figures: {
    candidates: number;
    tried: number;
    seconds: number;
    /** Candidates that the product answered with 5xx. */
    broken: Cost[];
    worst: Cost[];
  };
}

interface SearchOptions {
  withinMs: number;
  log: (line: string) => void;
}

/** How many of the worst are used, by time and by size of the answer, and how many of one group. */
const WORST = { byTime: 24, bySize: 16, ofGroup: 3 };
/** Calls of one token, below its limit per minute. */
const CALLS_PER_TOKEN = 500;
/** A candidate that is not answered by then counts as that slow. */
const LONGEST_MS = 4_000;

/** Sends each candidate once, and returns the ones that took longest or answered most. */
export async function findWorst(app: TestApp, { withinMs, log }: SearchOptions): Promise<Searched> {
  const scouts = makeScouts(app);
  const waiting = interleaved(candidatesFor(await readPublished(app)));
  const found: { call: WorstCall; cost: Cost }[] = [];
  const began = performance.now();
  log(`${waiting.length} candidates`);
  for (let call = waiting.shift(); call; call = waiting.shift()) {
    if (performance.now() - began > withinMs) break;
    const { cost, cursor } = await tryOnce(app.url, {
      call,
      token: await scouts.tokenFor(call),
      nth: found.length,
    });
    found.push({ call, cost });
    if (cursor !== undefined && call.nextPage) waiting.push(call.nextPage(cursor));
  }
  const worst = worstOf(found);
  return {
    worst: worst.map(({ call }) => call),
    figures: {
      candidates: found.length + waiting.length,
      tried: found.length,
      seconds: rounded((performance.now() - began) / 1_000),
      broken: found.map(({ cost }) => cost).filter(({ status }) => status >= 500),
      worst: worst.map(({ cost }) => cost),
    },
  };
}

/** Reads of records by further tokens, which have limits of their own; everything else by the token of the attack. */
function makeScouts({ db, token }: TestApp): { tokenFor(call: WorstCall): Promise<string> } {
  let own = 0;
  let reads = 0;
  let scout: Promise<string> | undefined;
  const next = async () => (await createAgentToken(db, `Scout ${reads}`)).token;
  return {
    async tokenFor(call) {
      const isRead = call.nextPage !== undefined && !call.path.startsWith("/api/jobs");
      if (!isRead && own++ < CALLS_PER_TOKEN) return token;
      if (reads++ % CALLS_PER_TOKEN === 0) scout = next();
      return scout ?? next();
    },
  };
}

async function readPublished(app: TestApp): Promise<Published> {
  const get = async <Data>(path: string) => (await app.agent<Data>("GET", path)).body.data;
  const openapi = await fetch(`${app.url}/openapi.json`, {
    headers: { authorization: `Bearer ${app.token}` },
  });
  const { domains, data_types } = await get<{
    domains: Published["domains"];
    data_types: Published["types"];
  }>("/api/capabilities");
  const ids = new Map<string, string[]>();
  const idsOfTypes = new Map<string, string>();
  // The newest customers are the ones with visits.
  for (const { type, includes } of data_types) {
    const include = includes.length > 0 ? `&include=${includes.join(",")}` : "";
    const page = await get<{ items: { id: string }[] }>(`/api/${type}?limit=100${include}`);
    collectIds(page.items, ids);
    const first = page.items[0]?.id;
    if (first !== undefined) idsOfTypes.set(type, first);
  }
  return {
    tools: await get<{ name: string; inputSchema: Schema }[]>("/api/tools"),
    openapi: (await openapi.json()) as Published["openapi"], // Tests check its form.
    domains,
    types: data_types,
    ids,
    idsOfTypes,
  };
}

interface Attempt {
  call: WorstCall;
  token: string;
  nth: number;
}

async function tryOnce(
  url: string,
  { call, token, nth }: Attempt,
): Promise<{ cost: Cost; cursor: string | undefined }> {
  const mark = `#${String(nth).padStart(7, "0")}#`;
  const sent = performance.now();
  const answered = await fetch(new URL(call.path, url), {
    method: call.method,
    headers: { ...call.headers, authorization: `Bearer ${token}` },
    ...(call.body !== undefined && { body: call.body.replaceAll(MARK, mark) }),
    redirect: "manual",
    signal: AbortSignal.timeout(LONGEST_MS),
  })
    .then(async (response) => ({ status: response.status, text: await response.text() }))
    .catch(() => ({ status: 0, text: "" }));
  const ms = rounded(performance.now() - sent);
  const cursor = /\\?"next_cursor\\?":\\?"([^"\\]+)/.exec(answered.text)?.[1];
  return {
    cost: { name: call.name, status: answered.status, ms, bytes: Buffer.byteLength(answered.text) },
    cursor: call.name.includes("next page") ? undefined : cursor,
  };
}

type Found = { call: WorstCall; cost: Cost };

function worstOf(found: readonly Found[]): Found[] {
  const chosen = new Set<Found>();
  const choose = (sorted: readonly Found[], most: number) => {
    const ofGroup = new Map<string, number>();
    for (const one of sorted) {
      const { group } = one.call;
      const count = ofGroup.get(group) ?? 0;
      if (most === 0) return;
      if (count >= WORST.ofGroup || chosen.has(one)) continue;
      ofGroup.set(group, count + 1);
      chosen.add(one);
      most--;
    }
  };
  choose(
    [...found].sort((a, b) => b.cost.ms - a.cost.ms),
    WORST.byTime,
  );
  choose(
    [...found].sort((a, b) => b.cost.bytes - a.cost.bytes),
    WORST.bySize,
  );
  return [...chosen];
}
