import { CrmError, type ErrorBody } from "../../../src/domain/core/errors.ts";
import { newId } from "../../../src/domain/core/ids.ts";
import { makeRegistry } from "../../../src/domain/core/registry.ts";
import type { Item } from "../../../src/domain/core/shape.ts";
import { domains } from "../../../src/domain/index.ts";
import type { QueryInput } from "../../../src/domain/query/parse.ts";
import { type QueryAnswer, runQuery } from "../../../src/domain/query/run-query.ts";
import type { TestDatabase } from "../../support/database.ts";

/** The types of these tests; their statements are made once. */
export const { types } = makeRegistry(domains);
/** Sunday evening in Chicago, Monday already in UTC. */
export const NOW = new Date("2026-11-23T03:00:00Z");

export const ids = (items: Item[]) => items.map((item) => item.id);
export const newTag = () => `tag-${newId("contact")}`;

/** Asks a database that is there once the tests run. */
export function asking(database: () => TestDatabase) {
  const ask = (input: QueryInput): Promise<QueryAnswer> =>
    runQuery(database().db, input, { types, now: NOW });

  async function list(input: QueryInput) {
    const answer = await ask(input);
    if (!("items" in answer)) throw new Error("one item where a list was asked for");
    return answer;
  }

  async function one(input: QueryInput): Promise<Item> {
    const answer = await ask(input);
    if (!("item" in answer)) throw new Error("a list where one item was asked for");
    return answer.item;
  }

  async function refusal(input: unknown): Promise<ErrorBody> {
    const answer = await runQuery(database().db, input, { types, now: NOW }).catch((error: unknown) => error);
    if (!(answer instanceof CrmError)) throw new Error(`not refused: ${JSON.stringify(answer)}`);
    return answer.body;
  }

  /** Every page of a query; `between` happens after each. */
  async function pages(input: QueryInput, between: () => unknown = () => undefined) {
    const seen: Item[] = [];
    for (let cursor: string | undefined; ;) {
      const { items, next_cursor } = await list({ ...input, cursor });
      seen.push(...items);
      if (next_cursor === null) return seen;
      if (seen.length > 500) throw new Error("the pages do not end");
      cursor = next_cursor;
      await between();
    }
  }

  return { ask, list, one, refusal, pages };
}
