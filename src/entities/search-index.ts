import pg from "pg";

/** Told how far a long piece of work has come. */
export type Progress = (done: number, total: number) => void;

const BATCH = 10_000;

/**
 * Makes anew what people are found by, in one transaction, as the owner of the tables: who writes or searches meanwhile
 * waits. Answers how many contacts can be found.
 */
export async function rebuildSearch(ownerUrl: string, told: Progress = () => undefined): Promise<number> {
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    await owner.query(
      "BEGIN; LOCK TABLE contact, address, ticket, line_item IN SHARE MODE; TRUNCATE contact_search, search_word; CALL drop_search_indexes()",
    );
    await owner.query("SET LOCAL maintenance_work_mem = '256MB'");
    const contacts = await describeContacts(owner, told);
    await owner.query(
      `INSERT INTO search_word
       SELECT word FROM ts_stat('SELECT words FROM contact_search', 'ABCD') WHERE is_learnt(word)`,
    );
    await owner.query("CALL create_search_indexes(); ANALYZE contact_search, search_word; COMMIT");
    return contacts;
  } finally {
    await owner.end();
  }
}

async function describeContacts(owner: pg.Client, told: Progress): Promise<number> {
  const counted = await owner.query<{ total: number }>("SELECT count(*) AS total FROM contact");
  const total = counted.rows[0]?.total ?? 0;
  for (let done = 0, after = ""; ; told(done, total)) {
    const batch: { last: string | null; size: number } | undefined = (
      await owner.query(
        `WITH batch AS (SELECT id FROM contact WHERE id > $1 ORDER BY id LIMIT ${BATCH}),
           described AS (INSERT INTO contact_search
             SELECT id, document.* FROM batch, contact_document(id) AS document)
         SELECT max(id) AS last, count(*) AS size FROM batch`,
        [after],
      )
    ).rows[0];
    if (!batch?.last) return done;
    done += batch.size;
    after = batch.last;
  }
}
