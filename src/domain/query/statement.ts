import type { EntityManager } from "typeorm";
import { prepared, type Prepared, rows } from "../../database/sql.ts";
import type { BindNow } from "../core/shape.ts";

/** A statement with one key, `$1`, and optionally the query's time, `$2`. */
export interface Statement {
  sql: Prepared;
  readsNow: boolean;
}

export function statementOf(text: (now: BindNow) => string): Statement {
  let readsNow = false;
  const sql = text(() => {
    readsNow = true;
    return "$2::timestamptz";
  });
  return { sql: prepared(sql), readsNow };
}

/** Caches the statement per object, because building its text takes longer than reading the row. */
export function cached<Of extends object>(text: (of: Of, now: BindNow) => string): (of: Of) => Statement {
  const known = new WeakMap<Of, Statement>();
  return (of) => {
    const statement = known.get(of) ?? statementOf((now) => text(of, now));
    known.set(of, statement);
    return statement;
  };
}

/** `planned` runs the statement under its name, so that PostgreSQL plans it once per connection. */
export function run<Row>(
  db: EntityManager,
  { sql, readsNow }: Statement,
  { key, now, planned = true }: { key: unknown; now: Date; planned?: boolean },
): Promise<Row[]> {
  return rows<Row>(db, planned ? sql : sql.text, readsNow ? [key, now] : [key]);
}
