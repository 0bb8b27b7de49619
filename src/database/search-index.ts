import pg from "pg";
import { SteadyClient } from "./steady-client.ts";
import type { Progress } from "./progress.ts";

const BATCH_SIZE = { build: 10_000, renew: 500 };

/**
 * Rebuilds the search index in one transaction, as the owner of the tables. After a bulk load, several times faster
 * than `renewSearch`, but blocks writers and searches. Returns the number of indexed contacts.
 */
export const buildSearch = (ownerUrl: string, progress: Progress = () => undefined): Promise<number> =>
  asOwner(ownerUrl, async (owner) => {
    await owner.query(
      "BEGIN; LOCK TABLE contact, address, ticket, line_item IN SHARE MODE; TRUNCATE contact_search, search_word; CALL drop_search_indexes()",
    );
    await owner.query("SET LOCAL maintenance_work_mem = '256MB'");
    const contacts = await inBatches(owner, progress, {
      size: BATCH_SIZE.build,
      each: "INSERT INTO contact_search SELECT id, document.* FROM batch, contact_document(id) AS document RETURNING contact_id",
    });
    await owner.query(`INSERT INTO search_word ${VOCABULARY}`);
    await owner.query("CALL create_search_indexes(); COMMIT");
    await owner.query("VACUUM ANALYZE contact_search, search_word"); // Otherwise the first searches are slow.
    return contacts;
  });

/**
 * Repairs stale documents of the search index while the CRM runs. Blocks writers only while the vocabulary is updated
 * at the end: seconds for a million contacts. Returns the number of indexed contacts.
 */
export const renewSearch = (ownerUrl: string, progress: Progress = () => undefined): Promise<number> =>
  asOwner(ownerUrl, async (owner) => {
    const contacts = await inBatches(owner, progress, {
      size: BATCH_SIZE.renew,
      each: `SELECT refresh_contact_search(ARRAY[id]) FROM batch LEFT JOIN contact_search s ON s.contact_id = id,
        contact_document(id) AS document WHERE (document.*) IS DISTINCT FROM (s.words, s.digits)`,
    });
    // Words come from documents: with these locked, no word can be missed.
    await owner.query("BEGIN; LOCK TABLE contact_search IN SHARE MODE");
    await owner.query(
      "DELETE FROM contact_search s WHERE NOT EXISTS (SELECT FROM contact WHERE id = s.contact_id)",
    );
    await owner.query(`CREATE TEMP TABLE vocabulary ON COMMIT DROP AS ${VOCABULARY}`);
    await owner.query(
      "DELETE FROM search_word w WHERE NOT EXISTS (SELECT FROM vocabulary v WHERE v.word = w.word)",
    );
    await owner.query(
      "INSERT INTO search_word SELECT word FROM vocabulary EXCEPT SELECT word FROM search_word",
    );
    await owner.query("COMMIT");
    return contacts;
  });

/** Every word of the documents that belongs to the vocabulary, once. */
const VOCABULARY = `SELECT word COLLATE "C" AS word FROM ts_stat('SELECT words FROM contact_search', 'ABCD') WHERE is_vocabulary_word(word)`;

async function asOwner<T>(ownerUrl: string, work: (owner: pg.Client) => Promise<T>): Promise<T> {
  const owner = new SteadyClient({ connectionString: ownerUrl });
  await owner.connect();
  try {
    return await work(owner);
  } finally {
    await owner.end();
  }
}

interface Batches {
  size: number;
  /** A statement that reads `batch(id)` and returns rows. */
  each: string;
}

async function inBatches(owner: pg.Client, progress: Progress, { size, each }: Batches): Promise<number> {
  const counted = await owner.query<{ total: number }>("SELECT count(*) AS total FROM contact");
  const total = counted.rows[0]?.total ?? 0;
  for (let done = 0, after = ""; ; progress(done, total)) {
    const batch: { last: string | null; size: number } | undefined = (
      await owner.query(
        `WITH batch AS MATERIALIZED (SELECT id FROM contact WHERE id > $1 ORDER BY id LIMIT ${size}),
           described AS MATERIALIZED (${each})
         SELECT max(id) AS last, count(*) AS size, (SELECT count(*) FROM described) AS described FROM batch`,
        [after],
      )
    ).rows[0];
    if (!batch?.last) return done;
    done += batch.size;
    after = batch.last;
  }
}
