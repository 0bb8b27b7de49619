import type { DataSource } from "typeorm";
import { rows } from "../../../database/sql.ts";
import { conflict, forbidden } from "../../core/errors.ts";
import { readJob } from "../jobs.ts";
import { type Principal, principalKey } from "../../core/principal.ts";

/** Withdraws a queued or parked job that is not authorized yet. Only its requester may do so. */
export async function withdraw(dataSource: DataSource, actor: Principal, jobId: string): Promise<void> {
  await dataSource.transaction(async (db) => {
    await rows(db, "SELECT FROM job WHERE id = $1 FOR UPDATE", [jobId]);
    const job = await readJob(db, actor, jobId);
    if (job.principal !== principalKey(actor)) {
      throw forbidden(
        "Only who asked for it can take it back.",
        "Deny it instead, where it waits for a decision.",
      );
    }
    if (job.finished_at || (job.queue_id && job.auth_status === "authorized")) {
      const state = job.finished_at ? job.status : "authorized";
      throw conflict(`This job is already ${state}; it cannot be withdrawn.`, "Read it with job_status.");
    }
    // A trigger closes the open authorization (0009-clocks.sql).
    await rows(db, "UPDATE job SET status = 'withdrawn', finished_at = clock_timestamp() WHERE id = $1", [
      jobId,
    ]);
  });
}
