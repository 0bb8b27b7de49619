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
  const records = await rows<{ table_name: string; record_id: string }>(
    db.manager,
    "SELECT table_name, record_id FROM records_of_contact($1)",
    [contactId],
  );
  const ids = records.map(({ record_id }) => record_id);
  const [known] = await rows<{ refused: string | null; name: string | null; jobs: number }>(
    db.manager,
    `SELECT erasure_refused($1, $2) AS refused, (SELECT name FROM contact WHERE id = $1) AS name,
       (SELECT count(*) FROM jobs_of_records($2)) AS jobs`,
    [contactId, ids],
  );
  const { refused = null, name = null, jobs = 0 } = known ?? {};
  if (refused !== null) throw hindered(refused);
  const counts = new Map<string, number>();
  for (const { table_name } of records) counts.set(table_name, (counts.get(table_name) ?? 0) + 1);
  return {
    name: name ?? "A deleted customer",
    jobs,
    records: [...counts].map(([table, count]) => ({ table, count })),
  };
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
