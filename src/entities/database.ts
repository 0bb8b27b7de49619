import { createHash } from "node:crypto";
import pg from "pg";
import {
  DataSource,
  DefaultNamingStrategy,
  type EntityManager,
  QueryFailedError,
  QueryRunnerAlreadyReleasedError,
} from "typeorm";
import { Attribute, AttributeValue } from "./attribute.ts";
import { Authorization, Rule, RuleChange } from "./authorization.ts";
import { Address, Contact } from "./contact.ts";
import { Holiday } from "./holiday.ts";
import { Invoice } from "./invoice.ts";
import { Change, Delivery, Job } from "./job.ts";
import { Lead } from "./lead.ts";
import { Message } from "./message.ts";
import { Spine1763800000000 } from "./migrations/1763800000000-spine.ts";
import { Figures1763900000000 } from "./migrations/1763900000000-figures.ts";
import { Records1764000100000 } from "./migrations/1764000100000-records.ts";
import { Messages1764000300000 } from "./migrations/1764000300000-messages.ts";
import { Erase1764000500000 } from "./migrations/1764000500000-erase.ts";
import { Invitation1764000600000 } from "./migrations/1764000600000-invitation.ts";
import { RuleChanges1764000700000 } from "./migrations/1764000700000-rule-changes.ts";
import { Demo1764000900000 } from "./migrations/1764000900000-demo.ts";
import { Visits1764000200000 } from "./migrations/1764000200000-visits.ts";
import { Service } from "./service.ts";
import { Search1764000400000 } from "./migrations/1764000400000-search.ts";
import { SearchParts1764000800000 } from "./migrations/1764000800000-search-parts.ts";
import { Settings, Technician } from "./technician.ts";
import { Template } from "./template.ts";
import { LineItem, Ticket } from "./ticket.ts";
import { ApiToken, Invitation, SecurityEvent, Session, User } from "./user.ts";
import { WaitlistEntry } from "./waitlist.ts";
import { WebhookEndpoint } from "./webhook.ts";

/** The role every pool connection takes on: no DDL, no deletes of jobs, no writes to `change`. */
export const APP_ROLE = "countersign_app";

const entities = [
  Contact,
  Address,
  Ticket,
  LineItem,
  Invoice,
  Message,
  Technician,
  Settings,
  User,
  Session,
  ApiToken,
  Invitation,
  SecurityEvent,
  Job,
  Change,
  Delivery,
  Authorization,
  Rule,
  RuleChange,
  Service,
  Lead,
  WaitlistEntry,
  Attribute,
  AttributeValue,
  Template,
  Holiday,
  WebhookEndpoint,
];

// bigint columns hold cents and counters, far below 2^53: numbers, not strings.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);
pg.types.setTypeParser(pg.types.builtins.NUMERIC, Number);
pg.types.setTypeParser(pg.types.builtins.DATE, String); // A day of the calendar is no instant.

/** Constraint names a person can read in an error. */
class ReadableNames extends DefaultNamingStrategy {
  override primaryKeyName(table: { name: string } | string): string {
    return `${tableName(table)}_pk`;
  }
  override uniqueConstraintName(table: { name: string } | string, columns: string[]): string {
    return `${tableName(table)}_${columns.join("_")}_key`;
  }
  override foreignKeyName(table: { name: string } | string, columns: string[]): string {
    return `${tableName(table)}_${columns.join("_")}_fk`;
  }
}

const tableName = (table: { name: string } | string) => (typeof table === "string" ? table : table.name);

interface ConnectOptions {
  /** Connections in the pool. */
  poolSize?: number;
  /** Longest wait for a row that somebody else holds, and longest idle time inside a transaction; ms. */
  lockTimeoutMs?: number;
  idleInTransactionMs?: number;
}

/** Connects as the application: every connection takes on APP_ROLE and speaks UTC. */
export async function connect(url: string, options: ConnectOptions = {}): Promise<DataSource> {
  const { poolSize = 20, lockTimeoutMs = 5_000, idleInTransactionMs = 10_000 } = options;
  const db = await makeDataSource(url, {
    max: poolSize,
    connectionTimeoutMillis: 5_000,
    options: [
      `-c role=${APP_ROLE}`,
      "-c timezone=UTC",
      `-c lock_timeout=${lockTimeoutMs}`,
      `-c idle_in_transaction_session_timeout=${idleInTransactionMs}`,
    ].join(" "),
  }).initialize();
  const [who] = await rows<{ role: string }>(db.manager, "SELECT current_user AS role");
  if (who?.role === APP_ROLE) return db;
  await db.destroy();
  throw new Error(
    `DATABASE_URL: connections come up as ${who?.role}, not ${APP_ROLE}; take "options" out of the URL.`,
  );
}

/**
 * Brings the schema up to date as its owner, under a lock, so that any number of processes may start at once, and lets
 * the login of `appUrl`, where it is another one, take on APP_ROLE.
 */
export async function migrate(ownerUrl: string, appUrl = ownerUrl): Promise<void> {
  const owner = await makeDataSource(ownerUrl, { max: 2, options: "-c timezone=UTC" }).initialize();
  const runner = owner.createQueryRunner();
  try {
    await runner.query("SELECT pg_advisory_lock(hashtext('countersign.migrate'))");
    await owner.runMigrations({ transaction: "each" });
    const login = decodeURIComponent(new URL(appUrl).username);
    if (login !== decodeURIComponent(new URL(ownerUrl).username)) {
      await runner.query(`GRANT ${APP_ROLE} TO ${pg.escapeIdentifier(login)}`);
    }
  } finally {
    await runner.query("SELECT pg_advisory_unlock(hashtext('countersign.migrate'))").catch(() => {});
    await runner.release();
    await owner.destroy();
  }
}

const migrations = [
  Spine1763800000000,
  Figures1763900000000,
  Records1764000100000,
  Visits1764000200000,
  Messages1764000300000,
  Search1764000400000,
  Erase1764000500000,
  Invitation1764000600000,
  RuleChanges1764000700000,
  SearchParts1764000800000,
  Demo1764000900000,
];
/** What the table `migrations` names once the schema is up to date. */
export const migrationNames: readonly string[] = migrations.map(({ name }) => name);

/** The DataSource before it connects; exported for the test that compares entities with migrations. */
export function makeDataSource(url: string, extra: Record<string, unknown>): DataSource {
  return new DataSource({
    type: "postgres",
    url,
    entities,
    migrations,
    namingStrategy: new ReadableNames(),
    extra,
    installExtensions: false,
  });
}

/** A statement under a name: PostgreSQL parses and plans it once per connection. */
export interface Prepared {
  name: string;
  text: string;
}

/** For what every job needs. It names its columns: `*` would break in a running process when a migration adds one. */
export const prepared = (text: string): Prepared => ({
  name: createHash("sha256").update(text).digest("base64url"),
  text,
});

/**
 * Rows of a raw query, typed by the caller who wrote the SQL; inside a transaction where `db` has one. Past TypeORM's
 * own query(), which knows no prepared statements.
 */
export async function rows<T>(
  db: EntityManager,
  sql: string | Prepared,
  parameters: unknown[] = [],
): Promise<T[]> {
  const statement = typeof sql === "string" ? { text: sql } : sql;
  const runner = db.queryRunner ?? db.dataSource.createQueryRunner();
  if (runner.isReleased) throw new QueryRunnerAlreadyReleasedError();
  try {
    const client: pg.PoolClient = await runner.connect();
    const result = await client
      .query({ ...statement, values: parameters })
      .catch((error: Error) => Promise.reject(new QueryFailedError(statement.text, parameters, error)));
    return result.rows as T[]; // The shape is what the SQL beside the call selects.
  } finally {
    if (!db.queryRunner) await runner.release();
  }
}
