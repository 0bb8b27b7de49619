import pg from "pg";
import type { DataSource } from "typeorm";
import { rows } from "../src/database/sql.ts";

/** Searches customers and returns the ids of the first ten. */
export type SearchBaseline = (query: string) => Promise<string[]>;

/** Creates one text per customer, and trigram indexes on it and on the name. */
export async function prepareBaselines(databaseUrl: string): Promise<void> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  await client.query(`
    CREATE TABLE bench_text AS SELECT c.id, c.name, concat_ws(' ', c.name, c.company, array_to_string(c.emails, ' '),
      c.phones->0->>'number', array_to_string(a.lines, ' '), a.city, a.postal_code, c.notes) AS body
      FROM contact c JOIN address a ON a.contact_id = c.id;
    SET maintenance_work_mem = '256MB';
    CREATE INDEX ON bench_text USING gin (name gin_trgm_ops);
    CREATE INDEX ON bench_text USING gin (body gin_trgm_ops);
    GRANT SELECT ON bench_text TO countersign_app`);
  await client.query("VACUUM ANALYZE bench_text");
  await client.end();
}

const idsOf = async (db: DataSource, sql: string, values: unknown[]): Promise<string[]> =>
  (await rows<{ id: string }>(db.manager, sql, values)).map(({ id }) => id);

/** A phone number becomes one word of digits: the stored numbers have no separators. */
const wordsOf = (query: string): string[] =>
  /^[(+\d]/.test(query) && /\d{2}$/.test(query) ? [query.replace(/\D/g, "")] : query.split(" ");

export const baselines = {
  /** Every word occurs somewhere; without an index. */
  ilike:
    (db: DataSource): SearchBaseline =>
    (query) => {
      const words = wordsOf(query);
      const conditions = words
        .map((_, index) => `body || '' ILIKE '%' || $${index + 1} || '%'`)
        .join(" AND ");
      return idsOf(db, `SELECT id FROM bench_text WHERE ${conditions} ORDER BY id LIMIT 10`, words);
    },
  /** The names most similar to the query. */
  trigramOfName:
    (db: DataSource): SearchBaseline =>
    (query) =>
      idsOf(db, "SELECT id FROM bench_text WHERE name % $1 ORDER BY similarity(name, $1) DESC, id LIMIT 10", [
        query,
      ]),
  /** The customers whose text contains words most similar to the query. */
  trigram:
    (db: DataSource): SearchBaseline =>
    (query) =>
      idsOf(
        db,
        "SELECT id FROM bench_text WHERE $1 <% body ORDER BY word_similarity($1, body) DESC, id LIMIT 10",
        [wordsOf(query).join(" ")],
      ),
};
