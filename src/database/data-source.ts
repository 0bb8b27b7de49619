import pg from "pg";
import { DataSource, DefaultNamingStrategy } from "typeorm";
import { Attribute } from "../entities/attribute.ts";
import { AttributeValue } from "../entities/attribute-value.ts";
import { Authorization } from "../entities/authorization.ts";
import { RuleChange } from "../entities/rule-change.ts";
import { Rule } from "../entities/rule.ts";
import { Contact } from "../entities/contact.ts";
import { Address } from "../entities/address.ts";
import { Holiday } from "../entities/holiday.ts";
import { Invoice } from "../entities/invoice.ts";
import { Job } from "../entities/job.ts";
import { JobKey } from "../entities/job-key.ts";
import { Delivery } from "../entities/delivery.ts";
import { Change } from "../entities/change.ts";
import { Decision } from "../entities/decision.ts";
import { Erasure } from "../entities/erasure.ts";
import { HeadMail } from "../entities/head-mail.ts";
import { Seal } from "../entities/seal.ts";
import { SealMark } from "../entities/seal-mark.ts";
import { SealedRow } from "../entities/sealed-row.ts";
import { Lead } from "../entities/lead.ts";
import { Plan } from "../entities/plan.ts";
import { Message } from "../entities/message.ts";
import { Service } from "../entities/service.ts";
import { Technician } from "../entities/technician.ts";
import { Settings } from "../entities/settings.ts";
import { Template } from "../entities/template.ts";
import { Ticket } from "../entities/ticket.ts";
import { LineItem } from "../entities/line-item.ts";
import { User } from "../entities/user.ts";
import { ScheduleRun } from "../entities/schedule-run.ts";
import { SecurityEvent } from "../entities/security-event.ts";
import { ApiToken } from "../entities/api-token.ts";
import { AttemptCount } from "../entities/attempt-count.ts";
import { CalendarLink } from "../entities/calendar-link.ts";
import { Invitation } from "../entities/invitation.ts";
import { KnownDevice } from "../entities/known-device.ts";
import { Session } from "../entities/session.ts";
import { WaitlistEntry } from "../entities/waitlist-entry.ts";
import { WebhookEndpoint } from "../entities/webhook-endpoint.ts";
import { SteadyClient } from "./steady-client.ts";
import { rows } from "./sql.ts";
import { migrations } from "./migrations/index.ts";

/** The role of every pool connection: no DDL, no deletes of jobs, no writes to `change`. */
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
  CalendarLink,
  Invitation,
  KnownDevice,
  AttemptCount,
  SecurityEvent,
  ScheduleRun,
  Job,
  JobKey,
  Change,
  Decision,
  Erasure,
  Seal,
  SealedRow,
  SealMark,
  HeadMail,
  Delivery,
  Authorization,
  Rule,
  RuleChange,
  Service,
  Lead,
  WaitlistEntry,
  Plan,
  Attribute,
  AttributeValue,
  Template,
  Holiday,
  WebhookEndpoint,
];

// bigint columns hold cents and counters, far below 2^53: numbers, not strings.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);
pg.types.setTypeParser(pg.types.builtins.NUMERIC, Number);
pg.types.setTypeParser(pg.types.builtins.DATE, String); // A calendar day has no time zone.

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
  /** PostgreSQL's lock_timeout and idle_in_transaction_session_timeout. */
  lockTimeoutMs?: number;
  idleInTransactionMs?: number;
}

/** Connects as the application: every connection uses APP_ROLE and UTC. */
export async function connect(url: string, options: ConnectOptions = {}): Promise<DataSource> {
  const { poolSize = 20, lockTimeoutMs = 5_000, idleInTransactionMs = 10_000 } = options;
  const db = await makeDataSource(url, {
    max: poolSize,
    Client: SteadyClient,
    connectionTimeoutMillis: 5_000,
    options: [
      `-c role=${APP_ROLE}`,
      "-c timezone=UTC",
      `-c lock_timeout=${lockTimeoutMs}`,
      `-c idle_in_transaction_session_timeout=${idleInTransactionMs}`,
    ].join(" "),
  }).initialize();
  const [current] = await rows<{ role: string }>(db.manager, "SELECT current_user AS role");
  if (current?.role === APP_ROLE) return db;
  await db.destroy();
  throw new Error(
    `DATABASE_URL: connections use the role ${current?.role}, not ${APP_ROLE}; remove "options" from the URL.`,
  );
}

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
