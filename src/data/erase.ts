import type { DataSource } from "typeorm";
import { conflict } from "../domain/core/errors.ts";
import { newId } from "../domain/core/ids.ts";
import { makeDataSource } from "../database/data-source.ts";
import { rows } from "../database/sql.ts";

export interface Erasure {
  name: string;
  /** The number of records of each table that lose personal data. */
  records: { table: string; count: number }[];
  /** The number of jobs that lose personal data, with their authorizations. */
  jobs: number;
}

/** What an erasure would delete. Throws `conflict` if something prevents it, such as a booked visit. */
export async function previewErasure(db: DataSource, contactId: string): Promise<Erasure> {
  const records = await rows<{ table_name: string; record_id: string }>(
    db.manager,
    "SELECT table_name, record_id FROM records_of_contact($1)",
    [contactId],
  );
  const ids = records.map(({ record_id }) => record_id);
  const [known] = await rows<{ refused: string | null; name: string | null; jobs: number }>(
    db.manager,
    `SELECT erasure_obstacle($1, $2) AS refused, (SELECT name FROM contact WHERE id = $1) AS name,
       (SELECT count(*) FROM jobs_of_records($2)) AS jobs`,
    [contactId, ids],
  );
  const { refused = null, name = null, jobs = 0 } = known ?? {};
  if (refused !== null) throw erasureConflict(refused);
  const counts = new Map<string, number>();
  for (const { table_name } of records) counts.set(table_name, (counts.get(table_name) ?? 0) + 1);
  return {
    name: name ?? "A deleted customer",
    jobs,
    records: [...counts].map(([table, count]) => ({ table, count })),
  };
}

/**
 * Erases the personal data of one customer everywhere in the database and returns the id of the job that records it.
 * Needs the owner of the tables: the application's role may not. Throws `conflict` like `previewErasure`.
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
    throw code === "CS003" && message ? erasureConflict(message) : error;
  } finally {
    await owner.destroy();
  }
}

const erasureConflict = (reason: string) => conflict(reason, "Nothing was erased.");
