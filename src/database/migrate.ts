import pg from "pg";
import type { QueryRunner } from "typeorm";
import { APP_ROLE, makeDataSource } from "./data-source.ts";
import { writePersonalData } from "./personal-data.ts";
import { MAY_SET_ROLE } from "./preflight/rights.ts";

/**
 * Migrates the schema as its owner. An advisory lock serializes processes that start at the same time. The login of
 * `appUrl` may use APP_ROLE afterwards.
 */
export async function migrate(ownerUrl: string, appUrl = ownerUrl): Promise<void> {
  const owner = await makeDataSource(ownerUrl, { max: 2, options: "-c timezone=UTC" }).initialize();
  const runner = owner.createQueryRunner();
  try {
    await runner.query("SELECT pg_advisory_lock(hashtext('countersign.migrate'))");
    await prepareRole(runner, decodeURIComponent(new URL(appUrl).username));
    await owner.runMigrations({ transaction: "each" });
    await writePersonalData(owner);
  } finally {
    await runner.query("SELECT pg_advisory_unlock(hashtext('countersign.migrate'))").catch(() => {});
    await runner.release();
    await owner.destroy();
  }
}

/**
 * Creates APP_ROLE and lets the login use it, each only if it is missing: an administrator may have prepared both for an
 * owner who may not. A role belongs to the whole server, so another database can create it at the same time.
 */
async function prepareRole(runner: QueryRunner, login: string): Promise<void> {
  await runner.query(`DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${APP_ROLE}') THEN CREATE ROLE ${APP_ROLE} NOLOGIN; END IF;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
  END $$`);
  const [{ name, usable }] = await runner.query(
    `SELECT name, pg_has_role(name, '${APP_ROLE}', ${MAY_SET_ROLE}) AS usable FROM coalesce(nullif($1, ''), session_user) name`,
    [login],
  );
  if (!usable) await runner.query(`GRANT ${APP_ROLE} TO ${pg.escapeIdentifier(name)}`);
}
