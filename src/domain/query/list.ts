import type { EntityManager } from "typeorm";
import { rows } from "../../database/sql.ts";
import { validationFailed } from "../core/errors.ts";
import { prefixOf } from "../core/ids.ts";

interface PagedQuery {
  /** `SELECT … FROM …` */
  select: string;
  /** The TypeID column that sorts the list, newest first: `j.id`. */
  id: string;
  /** Condition over `parameters`. */
  where: string;
  parameters: unknown[];
  page: Page;
}

/** One page of a list sorted by id; the cursor is the last id seen. */
export async function pageOf<Row extends { id: string }>(
  db: EntityManager,
  { select, id, where, parameters, page }: PagedQuery,
): Promise<List<Row>> {
  const { limit = 20, cursor } = page;
  if (cursor !== undefined && !prefixOf(cursor)) {
    throw validationFailed([{ path: "cursor", message: "is not the next_cursor of a previous page" }]);
  }
  const next = parameters.length + 1;
  const found = await rows<Row>(
    db,
    `${select} WHERE ${where} AND ($${next}::text IS NULL OR ${id} < $${next}) ORDER BY ${id} DESC LIMIT $${next + 1}`,
    [...parameters, cursor ?? null, limit + 1],
  );
  const [count] = await rows<{ total: number }>(
    db,
    `SELECT count(*) AS total FROM (${select} WHERE ${where}) AS matching`,
    parameters,
  );
  const items = found.slice(0, limit);
  return {
    items,
    next_cursor: found.length > limit ? (items.at(-1)?.id ?? null) : null,
    total: count?.total ?? 0,
  };
}
export interface List<Item> {
  items: Item[];
  next_cursor: string | null;
  total: number;
}
export interface Page {
  limit?: number;
  cursor?: string;
}
