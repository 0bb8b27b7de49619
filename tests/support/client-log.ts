import { randomBytes } from "node:crypto";
import { rows } from "../../src/entities/database.ts";
import type { Answer, House } from "./house.ts";

/** One accepted request, as its caller remembers it. */
export interface Accepted {
  jobId: string;
  name: string;
}

/** What the database says of everything that was accepted. */
export interface Verdict {
  accepted: number;
  completed: number;
  /** Names without a customer. */
  lost: string[];
  /** Names with more than one customer or more than one recorded insert. */
  twice: string[];
  /** Names of jobs that ended otherwise than completed, or have not ended. */
  other: string[];
}

/** A caller that asks for customers with names of its own and keeps a log: the log is the oracle, not the server. */
export interface Client {
  accepted: Accepted[];
  /** Asks for `count` customers, at most `atOnce` at a time; throws where one is not accepted. */
  submit(count: number, atOnce?: number, then?: (accepted: Accepted) => Promise<void>): Promise<void>;
  verdict(): Promise<Verdict>;
}

export function aClient(house: Pick<House, "agent" | "db">): Client {
  const accepted: Accepted[] = [];
  const own = randomBytes(4).toString("hex");
  let asked = 0;

  async function submitOne(): Promise<Accepted> {
    const name = `Customer ${own} ${++asked}`;
    const answer = await house.agent("POST", "/api/actions", requestFor(name));
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
    verdict: () => verdictOn(house, accepted),
  };
}

export const requestFor = (name: string) => ({ domain: "contact", action: "create", data: { name } });

export function acceptedJob({ status, body }: Answer): string {
  if (status !== 202 && status !== 200) throw new Error(`not accepted: ${status} ${JSON.stringify(body)}`);
  return body.data.job_id;
}

export async function verdictOn({ db }: Pick<House, "db">, accepted: readonly Accepted[]): Promise<Verdict> {
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
    twice: names(({ customers, inserts }) => customers > 1 || inserts > 1),
    other: names(({ status }) => status !== "completed"),
  };
}

/** All that was accepted has happened, once each. */
export const allOnce = (accepted: readonly Accepted[]): Verdict => ({
  accepted: accepted.length,
  completed: accepted.length,
  lost: [],
  twice: [],
  other: [],
});
