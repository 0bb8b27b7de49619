/**
 * Loaded before the product into one of its workers: the job that makes a customer called "Exits" or "Loops" takes the
 * process down with it; "Runs on" is as quick as ever; all others take their time, so that some are in hand then.
 */
import { writeSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import pg from "pg";
import { type Queries, statementOf } from "./statements.ts";

const EFFECT = /^\s*INSERT INTO "contact"/;
const BESIDE_MS = 300;

const client: Queries = pg.Client.prototype;
const send = client.query;
client.query = function query(this: Queries, ...args: unknown[]): unknown {
  const { text, values } = statementOf(args);
  if (typeof text !== "string" || !EFFECT.test(text) || !Array.isArray(values)) return send.apply(this, args);
  const name = ["Exits", "Loops", "Runs on"].find((each) => values.includes(each));
  if (name === "Runs on") return send.apply(this, args);
  if (name === undefined) return setTimeout(BESIDE_MS).then(() => send.apply(this, args));
  writeSync(2, `${name} strikes\n`);
  if (name === "Exits") process.exit(1);
  for (;;);
};
