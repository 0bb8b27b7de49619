/**
 * Preloaded into a process of the product: holds each job at a step, and says so when the nth has reached it, so that a
 * test can kill or freeze the process with n jobs at that step. Once a frozen process goes on, its jobs go on too.
 *
 * PostgreSQL would end a transaction that is held for long. Its limit is lifted until all n are held, so that a slow
 * machine holds as many jobs as a fast one.
 */
import { writeSync } from "node:fs";
import pg from "pg";
import { type Queries, statementOf } from "./statements.ts";
import { HOLDS, type Step } from "./stopping.ts";

interface Place {
  statement: RegExp;
  /** Before the statement is sent or after its result arrived. */
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

const { STOP_STEP, STOP_NTH } = process.env;
const { statement, side } = places[STOP_STEP as Step]; // spawnStopping() sets it.
const LIMIT = "idle_in_transaction_session_timeout";

const connections: Queries[] = [];
const goOn = new Promise<void>((resolve) => process.once("SIGCONT", () => resolve()));
const claiming = new WeakSet<object>();

/** Requests are counted, not held: they are inserted in batches, and the next batch waits for the previous one. */
let requests = 0;

async function atStep(connection: Queries): Promise<void> {
  if (statement === REQUEST && requests < Number(STOP_NTH)) return;
  const nth = connections.push(connection);
  const all = statement === REQUEST ? 1 : Number(STOP_NTH);
  if (nth < all) await send.call(connection, `SET ${LIMIT} = 0`);
  if (nth === all) {
    await Promise.all(connections.map(async (each) => send.call(each, `RESET ${LIMIT}`)));
    writeSync(2, `${HOLDS} "${STOP_STEP}"\n`);
  }
  await goOn;
}

/** Whether this statement is the step of an agent's job; a COMMIT is one only if its connection has claimed a job. */
function isStep(client: object, sql: string, values: unknown): boolean {
  if (CLAIM.test(sql)) claiming.add(client);
  const claimed = claiming.has(client);
  if (/^(COMMIT|ROLLBACK)$/.test(sql)) claiming.delete(client);
  if (!statement.test(sql)) return false;
  if (statement === COMMIT) return claimed;
  if (statement !== REQUEST) return true;
  const agents = String(values).split('"contact.create"').length - 1; // The first start also writes system jobs.
  requests += agents;
  return agents > 0;
}

const client: Queries = pg.Client.prototype;
const send = client.query;
client.query = function query(this: Queries, ...args: unknown[]): unknown {
  const { text, values } = statementOf(args);
  if (typeof text !== "string" || !isStep(this, text, values)) return send.apply(this, args);
  return (async () => {
    if (side === "before") await atStep(this);
    const answer = await send.apply(this, args);
    if (side === "after") await atStep(this);
    return answer;
  })();
};
