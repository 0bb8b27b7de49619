import pg from "pg";

/** The input of one job; the same for every baseline. */
export interface Work {
  id: string;
  notes: string;
}

/** A pool of the same size as a worker's of the product. */
export const openPool = (url: string): pg.Pool => new pg.Pool({ connectionString: url, max: 52 });

/** Creates the tables without the product's triggers and inserts contacts with these ids. */
export async function prepareTables(url: string, ids: readonly string[]): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(`
    CREATE TABLE bench_contact (LIKE contact INCLUDING ALL);
    CREATE TABLE bench_result (id bigserial PRIMARY KEY, result jsonb NOT NULL, at timestamptz NOT NULL DEFAULT now())`);
  await client.query(
    "INSERT INTO bench_contact (id, name) SELECT id, 'Customer ' || id FROM unnest($1::text[]) id",
    [ids],
  );
  await client.end();
}

/** The change itself, in five round trips: BEGIN, lock, update, result, COMMIT. */
export async function sameSql(pool: pg.Pool, { id, notes }: Work): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const { rows } = await client.query<{ version: number }>(
      "SELECT * FROM bench_contact WHERE id = $1 FOR UPDATE",
      [id],
    );
    const updated = await client.query<object>(
      "UPDATE bench_contact SET notes = $2, version = $3, updated_at = now() WHERE id = $1 RETURNING *",
      [id, notes, (rows[0]?.version ?? 0) + 1],
    );
    await client.query("INSERT INTO bench_result (result) VALUES ($1)", [JSON.stringify(updated.rows[0])]);
    await client.query("COMMIT");
  } finally {
    client.release();
  }
}
