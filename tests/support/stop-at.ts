/**
 * Loaded before the product into one of its processes: when the nth job has reached a step, the process stops itself
 * there by a signal. Jobs that reach the step earlier are held at it, so that all n of them are caught in the act.
 */
import { writeSync } from "node:fs";
import pg from "pg";
import { type Queries, statementOf } from "./statements.ts";
import type { Step } from "./stopping.ts";

interface Place {
  statement: RegExp;
  /** Before the statement is sent, or after it was answered. */
  side: "before" | "after";
}

const CLAIM = /^\s*UPDATE job SET xid = pg_current_xact_id/;
const EFFECT = /^\s*INSERT INTO "contact"/;
const COMMIT = /^COMMIT$/;
const REQUEST = /\bINSERT INTO job /;

const places: Record<Step, Place> = {
  fetched: { statement: CLAIM, side: "before" },
  "row locked": { statement: CLAIM, side: "after" },
  "effect done": { statement: EFFECT, side: "after" },
  "before commit": { statement: COMMIT, side: "before" },
  "after commit": { statement: COMMIT, side: "after" },
  "request written": { statement: REQUEST, side: "after" },
};

const { STOP_STEP, STOP_SIGNAL, STOP_NTH } = process.env;
const { statement, side } = places[STOP_STEP as Step]; // spawnStopping() sets it.
const held: (() => void)[] = [];
const claiming = new WeakSet<object>();
let stopped = false;

/** Requests are written many at once, and the next ones only after those: they are counted, not held. */
let requests = 0;

/** Waits at the step until the process goes on after its stop, which after SIGKILL is never. */
async function atStep(): Promise<void> {
  if (stopped || (statement === REQUEST && requests < Number(STOP_NTH))) return;
  if (statement !== REQUEST && held.length + 1 < Number(STOP_NTH))
    return new Promise((resolve) => held.push(resolve));
  stopped = true;
  writeSync(2, `stopped at "${STOP_STEP}"\n`);
  process.kill(process.pid, STOP_SIGNAL);
  for (const goOn of held) goOn();
}

/** Whether this statement belongs to a job of an agent: a commit does where its connection has claimed one. */
function isStep(client: object, sql: string, values: unknown): boolean {
  if (CLAIM.test(sql)) claiming.add(client);
  const claimed = claiming.has(client);
  if (/^(COMMIT|ROLLBACK)$/.test(sql)) claiming.delete(client);
  if (!statement.test(sql)) return false;
  if (statement === COMMIT) return claimed;
  if (statement !== REQUEST) return true;
  const agents = String(values).split('"contact.create"').length - 1; // A fresh start also writes jobs of its own.
  requests += agents;
  return agents > 0;
}

const client: Queries = pg.Client.prototype;
const send = client.query;
client.query = function query(this: Queries, ...args: unknown[]): unknown {
  const { text, values } = statementOf(args);
  if (typeof text !== "string" || !isStep(this, text, values)) return send.apply(this, args);
  return (async () => {
    if (side === "before") await atStep();
    const answer = await send.apply(this, args);
    if (side === "after") await atStep();
    return answer;
  })();
};
