import pg from "pg";
import type { TestDatabase } from "./database.ts";

/** Runs SQL as the owner of the tables, without triggers and foreign keys. */
export async function asAttacker(test: TestDatabase, ...statements: string[]): Promise<void> {
  const client = new pg.Client(test.url);
  await client.connect();
  try {
    await client.query("SET session_replication_role = replica");
    await client.query("SET timezone = 'UTC'");
    for (const sql of statements) await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Seals everything that is written, security events too: as if two minutes had passed. */
export async function sealAll(test: TestDatabase): Promise<void> {
  const client = new pg.Client(test.url);
  await client.connect();
  const seal = async () => {
    while ((await client.query("SELECT seal_evidence() AS more")).rows[0].more);
  };
  try {
    await seal();
    await client.query("UPDATE seal_mark SET began_at = began_at - interval '2 minutes'");
    await seal();
  } finally {
    await client.end();
  }
}
