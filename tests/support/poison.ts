/**
 * Preloaded into a worker: a job that creates a customer "Exits" exits the process, "Loops" blocks it, "Runs on" runs
 * normally. All others are delayed, so that some are running when the process dies.
 */
import { writeSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import pg from "pg";
import { type Queries, statementOf } from "./statements.ts";

const EFFECT = /^\s*INSERT INTO "contact"/;
const DELAY_MS = 300;

const client: Queries = pg.Client.prototype;
const send = client.query;
client.query = function query(this: Queries, ...args: unknown[]): unknown {
  const { text, values } = statementOf(args);
  if (typeof text !== "string" || !EFFECT.test(text) || !Array.isArray(values)) return send.apply(this, args);
  const name = ["Exits", "Loops", "Runs on"].find((each) => values.includes(each));
  if (name === "Runs on") return send.apply(this, args);
  if (name === undefined) return setTimeout(DELAY_MS).then(() => send.apply(this, args));
  writeSync(2, `${name} strikes\n`);
  if (name === "Exits") process.exit(1);
  for (;;);
};
