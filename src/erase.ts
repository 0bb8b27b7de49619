import type { DataSource } from "typeorm";
import { conflict } from "./domain/core/errors.ts";
import { newId } from "./domain/core/ids.ts";
import { makeDataSource, rows } from "./entities/database.ts";

export interface Erasure {
  name: string;
  /** How many records of each table lose what they say of the person. */
  records: { table: string; count: number }[];
  /** Requests, with their questions to people, that do. */
  jobs: number;
}

/** What an erasure would empty. `conflict` where something stands in its way, such as a visit that is still booked. */
export async function whatWouldGo(db: DataSource, contactId: string): Promise<Erasure> {
  const [known] = await rows<{ refused: string | null; name: string; jobs: number }>(
    db.manager,
    `SELECT erasure_refused($1) AS refused, coalesce((SELECT name FROM contact WHERE id = $1), 'a deleted customer') AS name,
       (SELECT count(*) FROM jobs_of_records(ARRAY(SELECT record_id FROM records_of_contact($1)))) AS jobs`,
    [contactId],
  );
  if (!known || known.refused !== null) throw hindered(known?.refused ?? "Nothing is known.");
  const records = await rows<{ table: string; count: number }>(
    db.manager,
    `SELECT table_name AS "table", count(*) AS count FROM records_of_contact($1)
     GROUP BY table_name ORDER BY table_name`,
    [contactId],
  );
  return { name: known.name, jobs: known.jobs, records };
}

/**
 * Empties the personal data of one customer for good, wherever it stands in the database; the id of the job that tells
 * of it. As the owner of the tables: the application's own role cannot. `conflict` as above.
 */
export async function eraseContact(ownerUrl: string, contactId: string): Promise<string> {
  const owner = await makeDataSource(ownerUrl, { max: 1, options: "-c timezone=UTC" }).initialize();
  const jobId = newId("job");
  try {
    await rows(owner.manager, "SELECT erase_contact($1, $2)", [contactId, jobId]);
    return jobId;
  } catch (error) {
    const { code, message } =
      (error as { driverError?: { code?: string; message?: string } }).driverError ?? {}; // pg's.
    throw code === "CS003" && message ? hindered(message) : error;
  } finally {
    await owner.destroy();
  }
}

const hindered = (why: string) => conflict(why, "Nothing was erased.");
