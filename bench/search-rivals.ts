import pg from "pg";
import type { DataSource } from "typeorm";
import { rows } from "../src/entities/database.ts";

/** A plain way to find people; answers the ids of the first ten. */
export type Rival = (query: string) => Promise<string[]>;

/** One text per customer, and trigram indexes over it and over the name. */
export async function prepareRivals(databaseUrl: string): Promise<void> {
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

/** A phone as digits: what people write between them stands nowhere. */
const wordsOf = (query: string): string[] =>
  /^[(+\d]/.test(query) && /\d{2}$/.test(query) ? [query.replace(/\D/g, "")] : query.split(" ");

export const rivals = {
  /** Every word somewhere, without an index. */
  ilike:
    (db: DataSource): Rival =>
    (query) => {
      const words = wordsOf(query);
      const held = words.map((_, at) => `body || '' ILIKE '%' || $${at + 1} || '%'`).join(" AND ");
      return idsOf(db, `SELECT id FROM bench_text WHERE ${held} ORDER BY id LIMIT 10`, words);
    },
  /** The names most like what was asked. */
  trigramOfName:
    (db: DataSource): Rival =>
    (query) =>
      idsOf(db, "SELECT id FROM bench_text WHERE name % $1 ORDER BY similarity(name, $1) DESC, id LIMIT 10", [
        query,
      ]),
  /** The customers whose text holds something most like what was asked. */
  trigram:
    (db: DataSource): Rival =>
    (query) =>
      idsOf(
        db,
        "SELECT id FROM bench_text WHERE $1 <% body ORDER BY word_similarity($1, body) DESC, id LIMIT 10",
        [wordsOf(query).join(" ")],
      ),
};
