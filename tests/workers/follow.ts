import type { Backend, JobData, QueueName, QueuedJob } from "../../src/queue/index.ts";

/** Starts a worker that records the jobs that it runs. */
export function recordJobs(
  backend: Backend,
  name: QueueName,
  process: (job: QueuedJob) => Promise<void> = async () => {},
  concurrency = 1,
) {
  const ran: { id: string | undefined; data: JobData }[] = [];
  const waiting = new Map<string, () => void>();
  const worker = backend.worker(
    name,
    async (job) => {
      ran.push({ id: job.id, data: job.data });
      waiting.get(job.id ?? "")?.();
      await process(job);
    },
    { concurrency },
  );
  return {
    ran,
    ids: () => ran.map(({ id }) => id),
    started: (id: string) => new Promise<void>((resolve) => waiting.set(id, resolve)),
    close: () => worker.close(),
  };
}

/** Polls until the condition is true. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 20));
}
