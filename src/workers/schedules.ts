import type { DataSource } from "typeorm";
import type { Backend, JobQueue, JobWorker } from "./queues.ts";

const HOUR_MS = 3_600_000;

/** Sets the recurring jobs where they are missing: at start, and by the relay, since a flushed queue forgets them. */
export async function setSchedules(queue: JobQueue): Promise<void> {
  if (await queue.getJobScheduler("housekeeping")) return;
  await queue.upsertJobScheduler("housekeeping", { every: HOUR_MS }, { name: "housekeeping", data: {} });
}

/** Throws away what has run out: sign-ins that no cookie can use any more. */
export function makeScheduleWorker(db: DataSource, queues: Backend): JobWorker {
  return queues.worker(
    "schedules",
    async () => void (await db.query("DELETE FROM session WHERE expires_at < now()")),
    { concurrency: 1 },
  );
}
