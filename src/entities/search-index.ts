import pg from "pg";

/** Told how far a long piece of work has come. */
export type Progress = (done: number, total: number) => void;

const BATCH = { built: 10_000, renewed: 500 };

/**
 * Builds what people are found by, in one transaction, as the owner of the tables: several times faster than `renewSearch`
 * after a bulk load, but who writes or searches meanwhile waits. Answers how many contacts can be found.
 */
export const buildSearch = (ownerUrl: string, told: Progress = () => undefined): Promise<number> =>
  asOwner(ownerUrl, async (owner) => {
    await owner.query(
      "BEGIN; LOCK TABLE contact, address, ticket, line_item IN SHARE MODE; TRUNCATE contact_search, search_word; CALL drop_search_indexes()",
    );
    await owner.query("SET LOCAL maintenance_work_mem = '256MB'");
    const contacts = await inBatches(owner, told, {
      size: BATCH.built,
      each: "INSERT INTO contact_search SELECT id, document.* FROM batch, contact_document(id) AS document RETURNING contact_id",
    });
    await owner.query(`INSERT INTO search_word ${BORNE}`);
    await owner.query("CALL create_search_indexes(); COMMIT");
    await owner.query("VACUUM ANALYZE contact_search, search_word"); // Else the first readers do its work.
    return contacts;
  });

/**
 * Goes through all contacts and makes what they are found by anew where it is not as it should be, while work goes on;
 * only for the words at the end, seconds at a million contacts, does who writes wait. Answers how many can be found.
 */
export const renewSearch = (ownerUrl: string, told: Progress = () => undefined): Promise<number> =>
  asOwner(ownerUrl, async (owner) => {
    const contacts = await inBatches(owner, told, {
      size: BATCH.renewed,
      each: `SELECT refresh_contact_search(ARRAY[id]) FROM batch LEFT JOIN contact_search s ON s.contact_id = id,
        contact_document(id) AS document WHERE (document.*) IS DISTINCT FROM (s.words, s.digits)`,
    });
    // Whoever adds a word knows it from a document: with those held still, none can be missed.
    await owner.query("BEGIN; LOCK TABLE contact_search IN SHARE MODE");
    await owner.query(
      "DELETE FROM contact_search s WHERE NOT EXISTS (SELECT FROM contact WHERE id = s.contact_id)",
    );
    await owner.query(`CREATE TEMP TABLE borne ON COMMIT DROP AS ${BORNE}`);
    await owner.query(
      "DELETE FROM search_word w WHERE NOT EXISTS (SELECT FROM borne WHERE borne.word = w.word)",
    );
    await owner.query("INSERT INTO search_word SELECT word FROM borne EXCEPT SELECT word FROM search_word");
    await owner.query("COMMIT");
    return contacts;
  });

/** Every word that somebody bears, once. */
const BORNE = `SELECT word COLLATE "C" AS word FROM ts_stat('SELECT words FROM contact_search', 'ABCD') WHERE is_learnt(word)`;

async function asOwner<T>(ownerUrl: string, work: (owner: pg.Client) => Promise<T>): Promise<T> {
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    return await work(owner);
  } finally {
    await owner.end();
  }
}

interface Batches {
  size: number;
  /** Done with each `batch(id)` of contacts; returns something. */
  each: string;
}

async function inBatches(owner: pg.Client, told: Progress, { size, each }: Batches): Promise<number> {
  const counted = await owner.query<{ total: number }>("SELECT count(*) AS total FROM contact");
  const total = counted.rows[0]?.total ?? 0;
  for (let done = 0, after = ""; ; told(done, total)) {
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
