import { randomBytes } from "node:crypto";
import { rows } from "../../src/database/sql.ts";
import type { Answer, TestApp } from "./app.ts";

/** One accepted request, as its caller logged it. */
export interface Accepted {
  jobId: string;
  name: string;
}

/** The state in the database of all accepted requests. */
export interface Outcome {
  accepted: number;
  completed: number;
  /** Names without a customer. */
  lost: string[];
  /** Names with more than one customer or more than one recorded insert. */
  duplicated: string[];
  /** Names of jobs that failed or have not ended. */
  notCompleted: string[];
}

/** A client that creates customers with unique names and logs what was accepted; its log is the test oracle. */
export interface LoggingClient {
  accepted: Accepted[];
  /** Requests `count` customers, at most `atOnce` at a time; throws if one is not accepted. */
  submit(count: number, atOnce?: number, then?: (accepted: Accepted) => Promise<void>): Promise<void>;
  outcome(): Promise<Outcome>;
}

export function makeLoggingClient(app: Pick<TestApp, "agent" | "db">): LoggingClient {
  const accepted: Accepted[] = [];
  const own = randomBytes(4).toString("hex");
  let asked = 0;

  async function submitOne(): Promise<Accepted> {
    const name = `Customer ${own} ${++asked}`;
    const answer = await app.agent("POST", "/api/actions", requestFor(name));
    const one = { jobId: acceptedJob(answer), name };
    accepted.push(one);
    return one;
  }

  return {
    accepted,
    async submit(count, atOnce = 10, then = async () => {}) {
      let left = count;
      const caller = async () => {
        while (left-- > 0) await then(await submitOne());
      };
      await Promise.all(Array.from({ length: atOnce }, caller));
    },
    outcome: () => outcomeOf(app, accepted),
  };
}

export const requestFor = (name: string) => ({ domain: "contact", action: "create", data: { name } });

export function acceptedJob({ status, body }: Answer): string {
  if (status !== 202 && status !== 200) throw new Error(`not accepted: ${status} ${JSON.stringify(body)}`);
  return body.data.job_id;
}

export async function outcomeOf(
  { db }: Pick<TestApp, "db">,
  accepted: readonly Accepted[],
): Promise<Outcome> {
  const found = await rows<{ name: string; status: string | null; customers: number; inserts: number }>(
    db.manager,
    `SELECT a.name, j.status, count(DISTINCT c.id) AS customers, count(DISTINCT h.id) AS inserts
     FROM unnest($1::text[], $2::text[]) AS a(job_id, name)
     LEFT JOIN job j ON j.id = a.job_id
     LEFT JOIN contact c ON c.name = a.name
     LEFT JOIN change h ON h.job_id = a.job_id AND h.table_name = 'contact' AND h.operation = 'insert'
     GROUP BY a.job_id, a.name, j.status`,
    [accepted.map(({ jobId }) => jobId), accepted.map(({ name }) => name)],
  );
  const names = (which: (row: (typeof found)[number]) => boolean) =>
    found.filter(which).map(({ name }) => name);
  return {
    accepted: found.length,
    completed: names(({ status }) => status === "completed").length,
    lost: names(({ customers, inserts }) => customers === 0 || inserts === 0),
    duplicated: names(({ customers, inserts }) => customers > 1 || inserts > 1),
    notCompleted: names(({ status }) => status !== "completed"),
  };
}

/** The expected outcome: each accepted request completed exactly once. */
export const allCompletedOnce = (accepted: readonly Accepted[]): Outcome => ({
  accepted: accepted.length,
  completed: accepted.length,
  lost: [],
  duplicated: [],
  notCompleted: [],
});
